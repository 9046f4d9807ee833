import { asStaff } from "./staff.ts";

type Isolate = Parameters<typeof asStaff>[0];
type List = "areas" | "postcodes";

/** A list as a table, and the tag to decide on. */
export async function tableOf(isolate: Isolate, list: List, query = ""): Promise<{ text: string; tag: string }> {
  const answer = await asStaff(isolate, "GET", `/${list}${query}`);
  const bytes = await answer.arrayBuffer();
  // As it was sent: `text()` would drop a byte order mark.
  return {
    text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes),
    tag: answer.headers.get("ETag") ?? "",
  };
}

/** Replaces a list by a table, on the list as it stands unless a tag is given. */
export async function putTable(
  isolate: Isolate,
  list: List,
  table: string | Uint8Array<ArrayBuffer>,
  { tag, query = "", key = "fm_staff_local" }: { tag?: string; query?: string; key?: string } = {},
): Promise<Response> {
  return isolate.fetch(`/v1/admin/${list}${query}`, {
    method: "PUT",
    headers: {
      Authorization: `Bearer ${key}`,
      "Content-Type": "text/csv",
      "If-Match": tag ?? (await tableOf(isolate, list)).tag,
    },
    body: table,
  });
}
