// Names that no resolver of the internet knows, or that machines and networks use among themselves (RFC 6761, 6762, 7686,
// 8375, 9476; ICANN's list of reserved names). Of the test domains `example` may stay: it leads nowhere.
const LOCAL_TLDS = new Set(
  "localhost local localdomain internal intranet private corp mail home homenet lan domain host router belkin workgroup arpa onion alt test invalid".split(
    " ",
  ),
);

const MAX_CHARS = 2_000;

/** What keeps an address from being one that is called; each is a code of the catalogue of flaws. */
export type AddressFlaw = "https_address" | "public_host" | "plain_address";

/**
 * An address that may be called, as it will be: an https address with a name of the internet, on the usual port, without
 * credentials and fragment. Host names come out lower-case and in ASCII, and every spelling of an IP address as one, since
 * the URL Standard's parser reads them as `fetch` will.
 * Where a name leads is not known here: Workers resolve it when they call, and connect to public addresses only; those of
 * the service's own zone through the front door, by a flag in wrangler.toml.
 * @param allows.ownHost the service's own host, which is not to call itself
 * @param allows.local whether `http` on this machine may be called: local mode only
 */
export function readAddress(
  text: string,
  allows: { readonly ownHost: string; readonly local: boolean },
): { readonly url: string } | { readonly flaw: AddressFlaw } {
  // The parser would drop these without a word; whoever wrote them meant something else.
  if (text.length > MAX_CHARS || /[\s\p{Cc}\\]/u.test(text) || !URL.canParse(text)) return { flaw: "https_address" };
  const url = new URL(text);
  if (allows.local && url.protocol === "http:" && ["localhost", "127.0.0.1"].includes(url.hostname)) {
    return isPlain(url) ? { url: url.href } : { flaw: "plain_address" };
  }
  if (url.protocol !== "https:") return { flaw: "https_address" };
  if (!isPlain(url) || url.port !== "") return { flaw: "plain_address" };
  if (!isPublicName(url.hostname) || url.hostname === allows.ownHost) return { flaw: "public_host" };
  return url.href.length > MAX_CHARS ? { flaw: "https_address" } : { url: url.href };
}

const isPlain = (url: URL): boolean => url.username === "" && url.password === "" && !url.href.includes("#");

/** Two labels at least, and a last one that is no number: IPv4 ends in one, IPv6 stands in brackets. */
function isPublicName(host: string): boolean {
  const labels = host.split(".");
  const last = labels.at(-1) as string;
  return (
    labels.length >= 2 &&
    host.length <= 253 &&
    labels.every((label) => /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/.test(label)) &&
    /^([a-z]{2,63}|xn--[a-z0-9-]+)$/.test(last) &&
    !LOCAL_TLDS.has(last)
  );
}
