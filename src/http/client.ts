import type { Context } from "hono";
import { type NetworkAddress, parseNetworkAddress } from "../lib/network-address.ts";

/** Where a request comes from, as Cloudflare tells it: a client can't set these itself there. */
export interface Client {
  readonly address: NetworkAddress | null;
  /** Autonomous system of the client's network. */
  readonly asn: number | undefined;
}

/** The client of a request. */
export function clientOf(c: Context): Client {
  return {
    address: parseNetworkAddress(c.req.header("CF-Connecting-IP") ?? ""),
    // What Cloudflare tells beside the address is parsed when it is asked for.
    get asn() {
      const asn = (c.req.raw as { cf?: { asn?: unknown } }).cf?.asn;
      return typeof asn === "number" ? asn : undefined;
    },
  };
}

/** Whom limits count. */
export interface LimitSubject {
  readonly name: string;
  /** Subjects with the same one are counted together, in one call: an address and its network. Else its name. */
  readonly shard?: string | undefined;
  /** The client's address, when it is a client. */
  readonly address?: NetworkAddress | undefined;
}

/** What limits count a client by. Requests without an address share one. */
export const limitSubject = ({ address }: Client): LimitSubject =>
  address ? { name: address.address, shard: address.network, address } : { name: "no-address" };
