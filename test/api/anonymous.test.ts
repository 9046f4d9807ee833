import { beforeAll, expect, test, vi } from "vitest";
import { app } from "../../src/app.ts";
import { coldIsolate } from "../support/isolate.ts";
import { freshAddress } from "../support/resident.ts";
import { foundTown, openPetition } from "../support/town.ts";

/**
 * What somebody without any key gets, on a deployed Worker as in local mode. A route that is missing here fails the test;
 * staff's routes need no line, because each of them is a 401.
 */
const ANSWERS: Record<string, number> = {
  "GET /health": 200,
  "GET /style.css": 200,
  "GET /problems/:code": 404,
  "GET /openapi.json": 200,
  "GET /docs": 200,
  "GET /v1/areas": 200,
  "GET /v1/topics": 200,
  "GET /v1/departments": 200,
  "GET /v1/notices": 200,
  "GET /v1/notices/:kind/:version": 404,
  "GET /v1/petitions": 200,
  "POST /v1/petitions": 400,
  "GET /v1/petitions/similar": 400,
  "GET /v1/rejection-reasons": 200,
  "GET /v1/petitions/:id": 200,
  "GET /v1/petitions/:id/count": 200,
  "GET /v1/petitions/:id/breakdown": 400,
  "GET /v1/petitions/:id/responses": 200,
  "GET /v1/petitions/:id/integrity": 200,
  "POST /v1/petitions/:id/signatures": 400,
  "POST /v1/petitions/:id/signatures/batch": 401,
  "POST /v1/verifications": 400,
  "POST /v1/withdrawals": 400,
  "POST /v1/data-requests": 400,
  "POST /v1/person-data": 400,
  "POST /v1/corrections": 400,
  "POST /v1/erasures": 400,
  "GET /d": 422,
  "POST /d": 422,
  "GET /d/:token": 422,
  "POST /d/:token": 422,
  "POST /v1/unsubscriptions": 400,
  "GET /v1/partner/usage": 401,
  "GET /v1/partner/test-mails": 401,
  "GET /v1/partner/submissions": 401,
  "GET /v1/partner/counts": 401,
  "GET /v1/partner/webhooks": 401,
  "POST /v1/partner/webhooks": 401,
  "GET /v1/partner/webhooks/:id": 401,
  "PUT /v1/partner/webhooks/:id": 401,
  "DELETE /v1/partner/webhooks/:id": 401,
  "POST /v1/partner/webhooks/:id/test": 401,
  "GET /v1/partner/webhooks/:id/deliveries": 401,
  "POST /v1/partner/webhooks/:id/replay": 401,
  "POST /v1/partner/webhooks/:id/rotate-secret": 401,
  "POST /v1/partner/webhooks/:id/enable": 401,
  "GET /p/:no/:code": 404,
  "GET /v": 422,
  "POST /hooks/resend": 404,
  "POST /v": 422,
  "GET /v/:token": 422,
  "POST /v/:token": 422,
  "PUT /v1/petitions/:id": 401,
  "POST /v1/petitions/:id/resubmission": 401,
  "POST /v1/petitions/:id/stop": 401,
  "GET /e/:token": 422,
  "POST /e/:token": 422,
  "POST /e/:token/resubmission": 422,
  "POST /e/:token/stop": 422,
  "GET /s/:token": 422,
  "POST /s/:token": 422,
  "GET /u/:token": 422,
  "POST /u/:token": 422,
  "GET /w/:token": 422,
  "POST /w/:token": 422,
};

/** Local mode's own routes: anywhere else they do not exist. */
const LOCAL_ANSWERS: Record<string, number> = {
  "GET /dev/mail": 200,
  "GET /dev/mail.json": 200,
  "DELETE /dev/mail.json": 204,
};

const deployed = {
  ENVIRONMENT: "production",
  PUBLIC_URL: "https://petitions.example",
  ROOT_KEY: btoa("k".repeat(32)),
  MAILER: {},
  MAIL_CAPTURE: undefined,
};

/** Its webhook exists then, for who can sign. */
const throughResend = { RESEND_API_KEY: "re_123456789", RESEND_WEBHOOK_SECRET: `whsec_${btoa("s".repeat(24))}` };

const absent = Object.fromEntries(Object.keys(LOCAL_ANSWERS).map((route) => [route, 404]));

beforeAll(foundTown);

const routes = [
  ...new Set(app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) => `${method} ${path}`)),
];

const isStaffs = (route: string): boolean => route.includes(" /v1/admin/");

test("the table names every route and no other", () => {
  const others = routes.filter((route) => !isStaffs(route));
  expect(Object.keys({ ...ANSWERS, ...LOCAL_ANSWERS }).sort()).toEqual(others.sort());
  expect(routes.length - others.length).toBeGreaterThan(5);
});

test.each([
  ["in local mode", {}, { ...ANSWERS, ...LOCAL_ANSWERS }],
  ["on a deployed Worker", deployed, { ...ANSWERS, ...absent }],
  [
    "on one that mails through Resend",
    { ...deployed, ...throughResend },
    { ...ANSWERS, ...absent, "POST /hooks/resend": 401 },
  ],
])("an anonymous caller gets what the table says %s", async (_, overrides, answers: Record<string, number>) => {
  const { id } = await openPetition();
  const isolate = coldIsolate(overrides);
  for (const route of routes) {
    const [method = "", pattern = ""] = route.split(" ");
    const path = pattern.replace(":id", id).replace(/:\w+/g, "unknown");
    const type = path.startsWith("/v1") ? "application/json" : "application/x-www-form-urlencoded";
    const headers = { "Content-Type": type, "CF-Connecting-IP": freshAddress() };
    const response = await isolate.fetch(path, {
      method,
      headers,
      ...(method === "POST" || method === "PUT" ? { body: "{}" } : {}),
    });
    expect(response.status, route).toBe(isStaffs(route) ? 401 : answers[route]);
    expect(response.headers.get("X-Content-Type-Options"), route).toBe("nosniff");
    expect(response.headers.has("Set-Cookie"), route).toBe(false);
    expect(response.headers.get("Cache-Control"), route).toBeTruthy();
  }
});

test("staff routes take a staff key, refuse any other, and local mode's key works in local mode only", async () => {
  const { id } = await openPetition();
  const read = async (overrides: Record<string, unknown>, key: string) =>
    (await coldIsolate(overrides).fetch(`/v1/admin/petitions/${id}/counts`, { headers: { Authorization: key } }))
      .status;
  const bootstrap = "b".repeat(32);
  expect(await read({}, "Bearer fm_staff_local")).toBe(200);
  expect(await read({}, "Bearer fm_staff_locall")).toBe(401);
  expect(await read({}, "Basic fm_staff_local")).toBe(401);
  expect(await read(deployed, "Bearer fm_staff_local")).toBe(401);
  expect(await read({ ...deployed, STAFF_BOOTSTRAP_KEY: bootstrap }, `Bearer ${bootstrap}`)).toBe(200);
  expect(await read({ ...deployed, STAFF_BOOTSTRAP_KEY: bootstrap }, `Bearer ${"b".repeat(31)}`)).toBe(401);
  const unknown = await coldIsolate().fetch("/v1/admin/petitions/pet_01936d9e-0000-7000-8000-000000000007/counts", {
    headers: { Authorization: "Bearer fm_staff_local" },
  });
  expect(unknown.status).toBe(404);
});

test("a Worker whose settings are not fit serves nothing and names them, without their values", async () => {
  const broken = {
    ...deployed,
    ROOT_KEY: "too-short-secret",
    TIME_ZONE: "Mars/Olympus",
    MAILER: undefined,
    MAIL_CAPTURE: {},
  };
  for (const path of ["/v1/petitions", "/health", "/v"]) {
    const response = await coldIsolate(broken).fetch(path);
    const text = await response.text();
    expect(response.status).toBe(503);
    const { code, errors } = JSON.parse(text) as { code: string; errors: { detail: string }[] };
    expect(code).toBe("misconfigured");
    expect(errors.map(({ detail }) => detail)).toEqual([
      "TIME_ZONE is not an IANA time zone",
      "ROOT_KEY is not 32 bytes in base64",
      "binding MAILER is missing, and so is RESEND_API_KEY",
      "binding MAIL_CAPTURE is for local mode only",
    ]);
    expect(text).not.toMatch(/too-short|Mars/);
  }
  const local = await coldIsolate({ ...deployed, MAIL_CAPTURE: {} }).fetch("/health");
  expect(JSON.stringify(await local.json())).toContain("MAIL_CAPTURE is for local mode only");
});

test("a request is one structured line, without the path, tokens or personal data", async () => {
  const lines: string[] = [];
  const isolate = coldIsolate();
  const guess = () =>
    isolate.fetch("/v/secret-token?lang=en", { method: "POST", headers: { "CF-Connecting-IP": "203.0.113.9" } });
  // An isolate asks for its limits once in some seconds; garbage itself asks the database nothing.
  await guess();
  const spy = vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(line));
  await guess();
  spy.mockRestore();
  expect(lines.length).toBe(1);
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    event: "request",
    method: "POST",
    route: "/v/:token",
    status: 422,
    d1_calls: 0,
  });
  expect(lines[0]).not.toMatch(/secret-token|203\.0/);
});

test("staff routes are not open to other origins' pages", async () => {
  const headers = { Origin: "https://elsewhere.example", "Access-Control-Request-Method": "GET" };
  for (const method of ["GET", "OPTIONS"]) {
    const response = await coldIsolate().fetch("/v1/admin/petitions/x/counts", { method, headers });
    expect(response.headers.has("Access-Control-Allow-Origin")).toBe(false);
  }
});
