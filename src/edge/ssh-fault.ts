import { printable } from "../core/printable.ts"
import { shellQuote } from "../core/shell-quote.ts"

/** Why ssh did not log in, as an operator needs it. */
export type SshFault = {
  /** Follows "host NAME cannot be reached: ". */
  readonly reason: string
  readonly hint: string
  /** True when the key of the host, or of one on the way to it, is not known yet; ssh tells its fingerprint only to who asks more. */
  readonly isUnknownKey: boolean
}

/** How ssh was called. */
export type SshTried = { readonly target: string; readonly config: string | undefined }

type Told = Omit<SshFault, "isUnknownKey">
type Rule = { readonly when: RegExp; readonly tell: (found: readonly string[], tried: SshTried, stderr: string) => Told }

/** Says nothing on a host, and asks before it lets anything be believed. */
const ASK = ["-o", "StrictHostKeyChecking=ask"]
/** Longer answers of a host are cut. */
const MAX_REASON_CHARS = 300
const MAX_HINT_CHARS = 1500
/** Of what ssh has written; its reason comes last. */
const MAX_READ_CHARS = 50_000

const CONNECT = /^(?:ssh: )?connect to (?:host|address) (\S+) port (\d+): (.+)$/m

/** What the outer ssh says when its jump host brings it nothing. */
const BY_JUMP = /UNKNOWN port|banner exchange|kex_exchange_identification|stdio forwarding/

/** In the order in which they are looked for: a cause before what it brought about. */
const RULES: readonly Rule[] = [
  {
    when: /^Host key for (\S+) has changed/m,
    tell: ([, name = ""], tried, stderr) => {
      const [, file, line] = /^Offending (?:\S+ key|key for IP) in (.+):(\d+)/m.exec(stderr) ?? []
      const [, type, print] = /fingerprint for the (\S+) key sent by the remote host is\s+(\S+?)\.?$/m.exec(stderr) ?? []
      const shown = print === undefined ? "a host key" : `the host key ${type} ${print}`
      const known = file === undefined ? "another one is known" : `${file}:${line} knows another one`
      const forget = ["ssh-keygen", ...(file === undefined ? [] : ["-f", file]), "-R", name].map(shellQuote).join(" ")
      return {
        reason: `${name} shows ${shown}, but ${known}; somebody may be answering in its place`,
        hint: [
          "find out why it has changed before you do anything about it; the host's own console tells its keys:",
          `${atConsole(type)}. Only when the new one is right: ${forget}, and then: ${command(tried, ASK)}`,
        ].join(" "),
      }
    },
  },
  {
    when: /^The (\S+) host key for (\S+) is marked as revoked/m,
    tell: ([, type, name]) => ({
      reason: `${name} shows the ${type} host key that is marked as revoked; somebody may be answering in its place`,
      hint: "a revoked key may be in a thief's hands: give the host a new one by its own console, and then accept that",
    }),
  },
  {
    when: /^No (\S+) host key is known for (\S+) and you have requested strict checking/m,
    tell: ([, type = "", name = ""], tried, stderr) => ({
      reason: `the host key of ${name} is not known: ${type} ${fingerprint(stderr) ?? ""}`.trim(),
      hint: acceptance(tried, type),
    }),
  },
  {
    // A jump host that would have to be asked about, and there is nobody to answer.
    when: /^Host key verification failed/m,
    tell: (_, tried, stderr) => ({
      reason: `the host key of a host on the way to it is not known: ${fingerprint(stderr) ?? ""}`.replace(/: $/, ""),
      hint: acceptance(tried),
    }),
  },
  {
    when: /^Permissions \S+ for '(.+)' are too open/m,
    tell: ([, file = ""]) => ({
      reason: `the key ${file} is not used, because others may read it`,
      hint: `chmod 600 ${shellQuote(file)}`,
    }),
  },
  {
    when: /Too many authentication failures/,
    tell: (_, tried) => ({
      reason: "too many authentication failures: the agent offers more keys than the host lets try",
      hint: `set IdentityFile and \`IdentitiesOnly yes\` for this host in your ssh configuration; then: ${command(tried)}`,
    }),
  },
  {
    when: /agent refused operation/,
    tell: (_, tried) => ({
      reason: "the agent refused to sign with its key",
      hint: `unlock the agent, or confirm there: ssh-add -l; then: ${command(tried)}`,
    }),
  },
  {
    when: /^(\S+): Permission denied \(([^)]+)\)/m,
    tell: ([, whom = "", methods = ""], tried) => ({
      reason: `${afterLast("@", whom)} does not let ${userIn(whom)} in: permission denied (it takes ${methods.replaceAll(",", ", ")})`,
      hint: [
        `${command(tried, ["-v"])} tells which keys are offered. Nobody is asked for a password or a passphrase here:`,
        "a key with one goes to the agent first (ssh-add FILE)",
      ].join(" "),
    }),
  },
  {
    when: /Could not resolve hostname (\S+): (.+)$/m,
    tell: ([, name, why], tried) => ({
      reason: `the name ${name} is not known here: ${why}`,
      hint: `name a host of your ssh configuration or an address in the file; it is reached when this answers: ${command(tried)}`,
    }),
  },
  {
    when: /open failed: administratively prohibited[\s\S]*stdio forwarding failed/,
    tell: (_, tried) => ({
      reason: "the jump host on the way to it opens no connections for others",
      hint: `sshd of a jump host needs \`AllowTcpForwarding yes\`; then: ${command(tried)}`,
    }),
  },
  {
    when: /open failed: connect failed: (.+)\s[\s\S]*stdio forwarding failed/,
    tell: ([, why = ""], tried) => ({ reason: `its jump host does not get there: ${why.trim()}`, hint: `try: ${command(tried)}` }),
  },
  {
    when: CONNECT,
    tell: (_, tried, stderr) => {
      const { reason, why } = cannotConnect(stderr)
      return {
        reason,
        hint: /refused/i.test(why)
          ? `no sshd listens there: look at the host's address and the port; then: ${command(tried)}`
          : `is it on, and lets the firewall on the way ssh through? Then: ${command(tried)}`,
      }
    },
  },
  {
    when: /^(Connection to (\S+) port (\d+) timed out|Connection timed out during banner exchange)$/m,
    tell: (_, tried) => ({
      reason: "it gave no answer in time",
      hint: `is it on, and lets the firewall on the way ssh through? Then: ${command(tried)}`,
    }),
  },
  {
    when: /^Unable to negotiate with .+?: (.+)$/m,
    tell: ([, why = ""], tried) => ({ reason: why, hint: `both sides need one method in common: ${command(tried, ["-v"])}` }),
  },
  {
    when: /^(.+: (?:line \d+: )?Bad configuration option: .+|.*Can't open user config file .+)$/im,
    tell: ([, why = ""], tried) => ({ reason: why, hint: `your ssh configuration cannot be used; then: ${command(tried)}` }),
  },
]

/**
 * What went wrong, by what ssh wrote to standard error in the language C.
 * @param stderr of a login that failed; with that of a second one with `-v`, the fingerprint of an unknown key is told, too
 */
export function sshFault(stderr: string, tried: SshTried): SshFault {
  const text = stderr.slice(-MAX_READ_CHARS).replaceAll("\r", "")
  for (const { when, tell } of RULES) {
    const found = when.exec(text)
    if (!found) continue
    const { reason, hint } = tell(found, tried, text)
    return {
      reason: clean(reason, MAX_REASON_CHARS),
      hint: clean(hint, MAX_HINT_CHARS),
      isUnknownKey: /host key of .* is not known/.test(reason),
    }
  }
  const reason = clean(lastLine(text), MAX_REASON_CHARS) || "ssh gave no reason"
  return { reason, hint: clean(`try: ${command(tried)}`, MAX_HINT_CHARS), isUnknownKey: false }
}

/**
 * In ssh's own words only where it is the host itself that cannot be reached, since those are taken for evidence that it is off (sshSaysOff).
 * A jump host that is away leaves lines of the outer ssh, too, before or after its own. Of several addresses, one that refuses shows that something is on.
 */
function cannotConnect(stderr: string): { readonly reason: string; readonly why: string } {
  const lines = stderr.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]))
  const tries = lines.flatMap((line) => {
    const [, name, port, why] = CONNECT.exec(line) ?? []
    return why === undefined ? [] : [{ name, port, why }]
  })
  const { name, port, why } = tries.find((each) => /refused/i.test(each.why)) ?? tries.at(-1) ?? { name: "", port: "", why: "" }
  const isOwn = CONNECT.test(lines.at(-1) ?? "") && !lines.some((line) => BY_JUMP.test(line))
  return {
    reason: isOwn ? `ssh: connect to host ${name} port ${port}: ${why}` : `a host on the way to it: ${name} port ${port}: ${why}`,
    why,
  }
}

/** The call of ssh that an operator can make by hand: by the same settings, to the same host. */
function command({ target, config }: SshTried, options: readonly string[] = []): string {
  return ["ssh", ...(config === undefined ? [] : ["-F", config]), ...options, target, "true"].map(shellQuote).join(" ")
}

/** ssh itself asks, because it alone knows the settings by which the host, and every jump host, is reached and remembered. */
function acceptance(tried: SshTried, type?: string): string {
  return `compare it with what the host's own console tells (${atConsole(type)}), and accept it: ${command(tried, ASK)}`
}

function atConsole(type = "ED25519"): string {
  return `ssh-keygen -lf /etc/ssh/ssh_host_${type.toLowerCase()}_key.pub`
}

/** Of the last key that ssh saw before it gave up; one that came before it was accepted. */
function fingerprint(stderr: string): string | undefined {
  return [...stderr.matchAll(/Server host key: \S+ (SHA256:[A-Za-z0-9+/=]+)/g)].at(-1)?.[1]
}

/** ssh's last line says what failed; warnings come before it, and where a jump host is used, what that brought about after it. */
function lastLine(text: string): string {
  const lines = text.split("\n").filter((line) => line.trim() !== "")
  const causes = lines.filter((line) => !/^(?:kex_exchange_identification: |Connection closed by UNKNOWN )/.test(line))
  return (causes.at(-1) ?? lines.at(-1) ?? "").trim()
}

function userIn(whom: string): string {
  return whom.includes("@") ? whom.slice(0, whom.lastIndexOf("@")) : "this user"
}

function afterLast(mark: string, text: string): string {
  return text.slice(text.lastIndexOf(mark) + 1)
}

function clean(text: string, maxChars: number): string {
  return printable(text).slice(0, maxChars)
}
