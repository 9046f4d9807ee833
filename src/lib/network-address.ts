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
  // The library also reads "1", "127.1" and octal numbers as addresses.
  if (!ipaddr.IPv4.isValidFourPartDecimal(text) && !ipaddr.IPv6.isValid(text)) return null;
  const ip = ipaddr.process(text);
  return ip.kind() === "ipv4"
    ? { address: ip.toString(), network: `${prefix(ip.toByteArray(), 24)}/24` }
    : { address: `${prefix(ip.toByteArray(), 64)}/64`, network: `${prefix(ip.toByteArray(), 48)}/48` };
}

const prefix = (bytes: number[], bits: number): string =>
  ipaddr.fromByteArray(bytes.map((byte, index) => (index < bits / 8 ? byte : 0))).toString();
