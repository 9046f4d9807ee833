import * as v from "valibot";
import { because } from "../http/validation.ts";

const scope = v.picklist(["petition", "all"], because("unknown_value"));

/** Body of `POST /v1/unsubscriptions`. */
export const Unsubscription = v.strictObject({
  token: v.pipe(
    v.string(),
    v.maxLength(200, because("too_long")),
    v.description("What follows `/u/` in the link of the mail, up to the `?`."),
  ),
  scope: v.optional(
    v.pipe(
      scope,
      v.description("No more news of the petition of that mail, or of any petition until the person asks anew."),
    ),
    "petition",
  ),
});

/** The form on the page behind the link, or what a mail program sends by itself (RFC 8058). */
export const UnsubscribeForm = v.union(
  [v.strictObject({ scope }), v.strictObject({ "List-Unsubscribe": v.literal("One-Click", because("wrong_type")) })],
  because("wrong_type"),
);

/** Answer of `POST /v1/unsubscriptions`. */
export const UnsubscriptionAnswer = v.strictObject({ status: v.literal("unsubscribed"), scope });
