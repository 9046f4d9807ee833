import { env } from "cloudflare:workers";
import type { ProblemCode } from "../../../src/http/problems.ts";
import { coldIsolate } from "../../support/isolate.ts";
import type { Trigger } from "../../support/operations.ts";
import { asStaff } from "../../support/staff.ts";
import { openPetition } from "../../support/town.ts";

const isolate = coldIsolate();

/** What the `If-Match` of an example about a list must be at this moment. */
const tagOf = async (list: string) => ({
  '"list"': (await asStaff(isolate, "GET", `/${list}`)).headers.get("ETag") ?? "",
});

/** An entry that nobody uses, to be deleted. */
const unused = (table: string, list: string, code: string) => async () => {
  const columns = table === "rejection_reasons" ? "(code, hidden, names) VALUES (?, 0, '{}')" : "VALUES (?, '{}')";
  await env.DB.prepare(`INSERT OR IGNORE INTO ${table} ${columns}`).bind(code).run();
  return tagOf(list);
};

/** Deleting, or turning, what a petition has. */
const inUse =
  (method: "PUT" | "DELETE", path: string, columns: Record<string, string>, body?: unknown): Trigger =>
  async () => {
    const { no } = await openPetition(columns);
    if (path.startsWith("/topics"))
      await env.DB.prepare("INSERT INTO petition_topics VALUES ('parks', ?)").bind(no).run();
    const { '"list"': tag } = await tagOf(path.split("/")[1] ?? "");
    return asStaff(isolate, method, path, { headers: { "If-Match": tag }, ...(body === undefined ? {} : { body }) });
  };

export const stages = {
  putDepartment: () => tagOf("departments"),
  deleteDepartment: unused("departments", "departments", "libraries"),
  putTopic: () => tagOf("topics"),
  deleteTopic: unused("topics", "topics", "cycling"),
  putRejectionReason: () => tagOf("rejection-reasons"),
  deleteRejectionReason: unused("rejection_reasons", "rejection-reasons", "outside_deadline"),
  putAreaTable: () => tagOf("areas"),
  putPostcodeTable: () => tagOf("postcodes"),
};

/** A table, which may be larger than a list. */
const send = async (list: string, text: string) =>
  isolate.fetch(`/v1/admin/${list}`, {
    method: "PUT",
    headers: {
      ...{ Authorization: "Bearer fm_staff_local", "Content-Type": "text/csv" },
      "If-Match": (await tagOf(list))['"list"'],
    },
    body: text,
  });

const tooLarge = "x".repeat(2_000_001);

const turned = { names: { en: "It is there already." }, hidden: true };

export const problems: Record<string, Partial<Record<ProblemCode, Trigger>>> = {
  putAreaTable: {
    payload_too_large: () => send("areas", tooLarge),
    reference_in_use: () => send("areas", "code,name\nquay,Quay\n"),
  },
  putPostcodeTable: { payload_too_large: () => send("postcodes", tooLarge) },
  deleteDepartment: { reference_in_use: inUse("DELETE", "/departments/works", { department_code: "works" }) },
  deleteTopic: { reference_in_use: inUse("DELETE", "/topics/parks", {}) },
  putRejectionReason: {
    reference_in_use: inUse("PUT", "/rejection-reasons/duplicate", { rejection_code: "duplicate" }, turned),
  },
  deleteRejectionReason: {
    reference_in_use: inUse("DELETE", "/rejection-reasons/duplicate", { rejection_code: "duplicate" }),
  },
};
