import { eq, sql } from "drizzle-orm";
import type { Database } from "../db/database.ts";
import { importedAreaCounts, importedFacts } from "../db/schema.ts";

// Drizzle names a column without its table where the outer query has one table: within `areas` that would be the inner one's.

/** What other systems say of a petition, by its number; `areas` is a JSON array of [code, name, signatures]. */
export const importedFactsOf = (db: Database, no: number) =>
  db
    .select({
      source: importedFacts.source,
      url: importedFacts.url,
      asOf: importedFacts.asOf,
      asOfBasis: importedFacts.asOfBasis,
      openedAt: importedFacts.openedAt,
      signatures: importedFacts.signatures,
      thresholds: importedFacts.thresholds,
      responseSummary: importedFacts.responseSummary,
      responseDetails: importedFacts.responseDetails,
      respondedOn: importedFacts.respondedOn,
      areasAsOf: importedFacts.areasAsOf,
      areas: sql<string>`(SELECT json_group_array(json_array(area_code, name, signatures) ORDER BY area_code)
        FROM ${importedAreaCounts} AS counts
        WHERE counts.source = imported_facts.source AND counts.source_id = imported_facts.source_id)`.as("areas"),
    })
    .from(importedFacts)
    .where(eq(importedFacts.petitionNo, no))
    .orderBy(importedFacts.source, importedFacts.sourceId);
