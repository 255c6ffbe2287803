/** A line of a section, or `#` and a sentence in front of the lines that it explains. */
export type Section = { readonly head: string; readonly lines: readonly string[] }

/** Where HAProxy's own command socket lies inside the container: for a look at the servers, and for a reload that loses no connection. */
export const HAPROXY_SOCKET = "/tmp/haproxy.sock"

export function haproxyText(comment: readonly string[], sections: readonly Section[]): string {
  const head = comment.map((line) => `# ${line}\n`).join("")
  return `${head}${sections.map(({ head: name, lines }) => `\n${name}\n${lines.map((line) => `    ${line}\n`).join("")}`).join("")}`
}

/** What both load balancers set for the whole process. */
export const PROCESS_LINES: readonly string[] = [
  "log stdout format raw local0 info",
  "# An old process must not hold connections for ever after a reload: nobody would cut them when their node goes down.",
  "hard-stop-after 30s",
  "# The new process takes over the listening sockets, so that a reload refuses nobody.",
  `stats socket ${HAPROXY_SOCKET} mode 660 level admin expose-fd listeners`,
]
