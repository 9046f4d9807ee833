import { petitionNo, uuidHex } from "../lib/ids.ts";
import type { PetitionSecret } from "../petitions/petition-secret.ts";
import type { SentByPartner } from "./partner-submissions.store.ts";
import type { Submission } from "./submission.ts";

/** What a partner's own id is sealed for: its submission. `submission`: 32 hexadecimal digits. */
export const referenceContext = (submission: string): string => `reference:${submission}`;

/**
 * What is recorded of a submission that a partner sent; null for any other. `consent`: the version of the text that the
 * person agreed to, if they did. Without a secret there is nothing to seal a reference with.
 */
export async function sentByPartner(
  { data: { via }, ...submission }: Submission,
  known: { secret: PetitionSecret | null; consent: number },
): Promise<SentByPartner | null> {
  if (!via) return null;
  const id = uuidHex(submission.submission_id);
  const { reference } = via;
  return {
    partner: via.partner,
    submission: id,
    petitionNo: petitionNo(submission.petition_id),
    reference:
      reference === undefined || !known.secret ? null : await known.secret.seal(reference, referenceContext(id)),
    consent: via.consent ? known.consent : null,
    acceptedAt: submission.accepted_at,
  };
}
