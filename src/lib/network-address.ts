import ipaddr from "ipaddr.js";

/** Where a request comes from, in the two grains that limits and reviews use. */
export interface NetworkAddress {
  /** IPv4 address, or the /64 of an IPv6 one: what one subscriber holds. */
  readonly address: string;
  /** IPv4 /24, IPv6 /48: what one site or provider segment holds. */
  readonly network: string;
}

/** Reads an IP address; null when it is none. An IPv4 address mapped into IPv6 is IPv4. */
export function parseNetworkAddress(text: string): NetworkAddress | null {
  // Asked whether it is IPv4, the library throws an error within, which costs more than all the rest. It also reads "1",
  // "127.1" and octal numbers as addresses; what it takes for four decimals is written as it would write it.
  if (!text.includes(":")) {
    if (!ipaddr.IPv4.isValidFourPartDecimal(text)) return null;
    return { address: text, network: `${text.slice(0, text.lastIndexOf("."))}.0/24` };
  }
  const ip = parseIpv6(text);
  if (!ip) return null;
  return ip.kind() === "ipv4"
    ? { address: ip.toString(), network: `${prefix(ip.toByteArray(), 24)}/24` }
    : { address: `${prefix(ip.toByteArray(), 64)}/64`, network: `${prefix(ip.toByteArray(), 48)}/48` };
}

/** An IPv6 address, or the IPv4 one that is mapped into it; null when it is none. Each question to the library is a parse. */
function parseIpv6(text: string): ipaddr.IPv4 | ipaddr.IPv6 | null {
  try {
    const ip = ipaddr.IPv6.parse(text);
    return ip.isIPv4MappedAddress() ? ip.toIPv4Address() : ip;
  } catch {
    return null;
  }
}

/** Whether an address is one that a person on the public internet has: not private, reserved, or for documentation. */
export const isPublicAddress = (text: string): boolean =>
  parseNetworkAddress(text) !== null && ipaddr.process(text).range() === "unicast";

/** Addresses that begin with the same bits. */
export interface NetworkRange {
  readonly kind: "ipv4" | "ipv6";
  /** The first address: 4 or 16 bytes. */
  readonly bytes: readonly number[];
  /** How many of the first bits all its addresses share. */
  readonly bits: number;
}

/**
 * Reads an address or a CIDR range in any spelling; null when it is neither. An address stands for its whole range, a
 * range of addresses mapped from IPv4 is one of IPv4.
 */
export function parseNetworkRange(text: string): NetworkRange | null {
  const [, address = "", length] = /^([0-9a-f:.]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  if (!ipaddr.IPv4.isValidFourPartDecimal(address) && !ipaddr.IPv6.isValid(address)) return null;
  const written = ipaddr.parse(address);
  const full = written.kind() === "ipv4" ? 32 : 128;
  if (length !== undefined && Number(length) > full) return null;
  const ip = ipaddr.process(address);
  const kind = ip.kind();
  // The mapped address lies within the last 32 of 128 bits.
  const bits = Number(length ?? full) - (kind === "ipv4" && full === 128 ? 96 : 0);
  return bits < 0 ? null : { kind, bytes: firstBits(ip.toByteArray(), bits), bits };
}

/** The range of one client's address, as `parseNetworkAddress` gives it. */
export const rangeOfAddress = ({ address }: NetworkAddress): NetworkRange => parseNetworkRange(address) as NetworkRange;

/** The bytes with all but the first bits cleared. */
export const firstBits = (bytes: readonly number[], bits: number): number[] =>
  bytes.map((byte, index) => byte & (0xff00 >> Math.min(Math.max(bits - 8 * index, 0), 8)) & 0xff);

const prefix = (bytes: number[], bits: number): string => ipaddr.fromByteArray(firstBits(bytes, bits)).toString();
