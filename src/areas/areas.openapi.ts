import { type ApiPart, type Operation, publicAnswer } from "../http/openapi.ts";
import { AreaList, TermList } from "./areas.schema.ts";

/** The reference lists, described. */
export const areasApi = (): ApiPart => ({
  name: "Reference lists",
  description: "The municipality's own lists, each whole: their codes stand in petitions and in queries.",
  schemas: { AreaList, TermList },
  operations: [
    list({
      id: "listAreas",
      path: "/v1/areas",
      summary: "List areas",
      description: "The wards or districts of the municipality, by code. Retired ones are not among them.",
      schema: AreaList,
      entry: { code: "north", name: "North Ward", population: 4120 },
    }),
    list({
      id: "listTopics",
      path: "/v1/topics",
      summary: "List topics",
      description: "What petitions can be about, by code.",
      schema: TermList,
      entry: { code: "parks", names: { en: "Parks", de: "Grünanlagen" }, retired: false },
    }),
    list({
      id: "listDepartments",
      path: "/v1/departments",
      summary: "List departments",
      description: "The departments that answer for petitions, by code.",
      schema: TermList,
      entry: { code: "works", names: { en: "Public works" }, retired: false },
    }),
  ],
});

const list = ({
  schema,
  entry,
  ...said
}: Pick<Operation, "id" | "path" | "summary" | "description"> & {
  schema: typeof AreaList | typeof TermList;
  entry: object;
}): Operation => ({
  ...said,
  method: "get",
  answer: publicAnswer({ description: "The list.", schema, example: { data: [entry], next_cursor: null } }),
  problems: ["unavailable"],
  examples: [{ summary: said.summary, path: said.path }],
});
