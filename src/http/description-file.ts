import type { OpenApiDocument } from "./openapi-document.ts";

/** Where the API's description is, among the files that are deployed beside the Worker. */
export const DESCRIPTION_FILE = "/openapi.json";

/** What stands in the file for what each deployment says of itself. */
export const PLACEHOLDERS = { municipality: "{{municipality}}", publicUrl: "{{public_url}}" } as const;

/** The description of one deployment, from the text of the file. */
export function readDescription(
  text: string,
  at: { readonly municipality: string; readonly publicUrl: string },
): OpenApiDocument {
  const filled = text.replace(/\{\{(municipality|public_url)\}\}/g, (placeholder) => {
    const value = placeholder === PLACEHOLDERS.municipality ? at.municipality : at.publicUrl;
    return JSON.stringify(value).slice(1, -1);
  });
  return JSON.parse(filled);
}
