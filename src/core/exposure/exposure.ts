import { serviceName } from "../topology.ts"

/** What can be reached on a host. */
export type ExposedService = "p2p" | "rpc" | "rest" | "grpc" | "privval" | "api-rpc" | "api-rest" | "api-grpc" | "edge-http" | "edge-grpc"

/** Who may reach a port. */
export type Reach =
  | { readonly kind: "anyone" }
  /** In the order of their names. */
  | { readonly kind: "hosts"; readonly addresses: readonly ReachingHost[] }
  /** Processes of the host itself. */
  | { readonly kind: "this host" }

export type ReachingHost = { readonly host: string; readonly address: string }

/** One port that is open on a host: by whom it may be reached, and for what. */
export type Exposure = {
  readonly host: string
  /** Where it listens: `0.0.0.0`, the host's private address, or `127.0.0.1`. */
  readonly address: string
  readonly port: number
  readonly protocol: "tcp"
  readonly service: ExposedService
  /** The node, api or entry point that it belongs to. */
  readonly owner: string
  readonly from: Reach
  readonly why: string
}

/** The compose service whose container opens it. */
export function serviceOf({ service, owner }: Pick<Exposure, "service" | "owner">): string {
  return service.startsWith("api-") || service.startsWith("edge-") ? serviceName.balancer(owner) : serviceName.node(owner)
}
