import type { EmailAddress } from "../lib/email-address.ts";
import type { PetitionSecret } from "../petitions/petition-secret.ts";
import { type SignatureKey, type SignerData, sealContext } from "./signature.ts";
import type { NewSignature } from "./signatures.store.ts";

/** Where a signature comes from, before it is hashed and sealed. */
interface OpenSignature
  extends Omit<
    NewSignature,
    "emailHash" | "personHash" | "postcodeHash" | "addressHash" | "networkHash" | "domainHash" | "sealed"
  > {
  readonly signer: SignerData;
  /** The signer's address, parsed. */
  readonly email: EmailAddress;
  readonly address: string | undefined;
  readonly network: string | undefined;
}

/** Hashes and seals a signature under its petition's secret. */
export async function sealSignature(secret: PetitionSecret, signature: OpenSignature): Promise<NewSignature> {
  const { signer, email, address, network, ...row } = signature;
  const [emailHash, personHash, postcodeHash, addressHash, networkHash, domainHash] = await Promise.all([
    secret.emailHash(email.canonical),
    secret.personHash(email.canonical, signer.name),
    secret.postcodeHash(signer.postcode),
    secret.lookupHash("address", address),
    secret.lookupHash("network", network),
    secret.lookupHash("domain", email.domain),
  ]);
  const key: SignatureKey = { petitionNo: row.petitionNo, emailHash, personHash };
  const sealed = await secret.seal(signer, sealContext(key));
  return { ...row, ...key, postcodeHash, addressHash, networkHash, domainHash, sealed };
}
