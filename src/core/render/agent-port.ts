/**
 * Where a load balancer asks, on a node's host, whether that node is fresh enough to serve. Nothing has to listen here: with no answer a
 * load balancer leaves the node as its own check sees it. It lies below the ports that the kernel takes for outgoing connections.
 */
export const AGENT_PORT = 26670
