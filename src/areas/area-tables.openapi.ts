import type { ApiPart, Operation } from "../http/openapi.ts";
import { AreaTable, PostcodeTable, PutTableQuery, TableChanged, TableQuery } from "./area-tables.schema.ts";
import { MAX_AREAS } from "./put-areas.ts";
import { MAX_POSTCODES } from "./put-postcodes.ts";

const Authorization = "Bearer fm_staff_local";

const READING =
  "Commas, semicolons or tabs part the cells, whichever the first line does; UTF-8, with or without a byte order mark. All of the table holds or nothing: `errors` names what is wrong as `line 17, name`, the first 20, and how many more there are.";

interface Said {
  readonly path: string;
  readonly noun: string;
  readonly ids: readonly [string, string];
  readonly schema: Operation["answer"]["schema"];
  readonly table: string;
  readonly reading: string;
  readonly putting: string;
  readonly inUse: boolean;
}

const operationsOf = ({ path, noun, ids, schema, table, reading, putting, inUse }: Said): Operation[] => [
  {
    ...{ method: "get", path, id: ids[0], summary: `Read the ${noun} as a table`, staff: "viewer" },
    description: `${reading} What it gives can be sent back as it is, and then changes nothing.`,
    query: TableQuery,
    answer: {
      ...{ status: 200, contentType: "text/csv", description: "The table, in order.", schema, example: table },
      headers: ["ETag", "Cache-Control"],
    },
    problems: ["invalid_request", "unauthorized", "unavailable"],
    examples: [{ summary: "Read it", path, headers: { Authorization } }],
  },
  {
    ...{ method: "put", path, id: ids[1], summary: `Replace the ${noun} by a table`, staff: "admin", decides: true },
    description: `For admins of the whole municipality. ${putting}\n\n${READING}`,
    query: PutTableQuery,
    body: schema,
    bodyType: "text/csv",
    answer: {
      ...{ status: 200, description: "What changes, or would change; `ETag` is the list's.", schema: TableChanged },
      headers: ["ETag", "Cache-Control"],
      example: {
        dry_run: false,
        entries: 3,
        added: { count: 1, first: ["quay"] },
        changed: { count: 0, first: [] },
        removed: { count: 0, first: [] },
        unchanged: 2,
        note: "…",
      },
    },
    problems: [
      ...(["invalid_request", "payload_too_large", "unsupported_media_type", "unauthorized", "not_found"] as const),
      ...(inUse ? (["reference_in_use"] as const) : []),
      "unavailable",
    ],
    examples: [
      {
        summary: "See what would change",
        path: `${path}?dry_run=true`,
        headers: { Authorization, "If-Match": '"list"', "Content-Type": "text/csv" },
        body: table,
      },
      {
        summary: "Change it",
        path,
        headers: { Authorization, "If-Match": '"list"', "Content-Type": "text/csv" },
        body: table,
      },
    ],
  },
];

/** Areas and postcodes as tables, described. */
export const areaTablesApi = (): ApiPart => ({
  name: "Areas and postcodes",
  description:
    "Where signers live: a postcode lies in an area, and a signature counts in the area that its postcode lies in when it is recorded.",
  schemas: { TableChanged },
  operations: [
    ...operationsOf({
      ...{ path: "/v1/admin/areas", noun: "areas", ids: ["readAreaTable", "putAreaTable"], schema: AreaTable },
      table: 'code,name,population\nnorth,North Ward,4120\nsouth,South Ward,\nquay,"Quay, new",2300\n',
      reading: "For staff: the areas that are not retired.",
      putting: `At most ${MAX_AREAS} areas. Those that it leaves out are retired: what was counted there keeps their names. While postcodes lie in one of them it is \`reference_in_use\`: first send the postcodes. Without the column \`population\` the populations stay; an empty cell says that one is not known.`,
      inUse: true,
    }),
    ...operationsOf({
      ...{ path: "/v1/admin/postcodes", noun: "postcodes", ids: ["readPostcodeTable", "putPostcodeTable"] },
      schema: PostcodeTable,
      table: "postcode,area\nBW11AA,north\nBW12BB,south\n",
      reading: "For staff: in which area each postcode lies.",
      putting: `At most ${MAX_POSTCODES} postcodes and 2 MB. Capitals and blanks in postcodes make no difference. It holds for signatures that are recorded from then on; those before stay where they are.`,
      inUse: false,
    }),
  ],
});
