import fc from "fast-check"
import { describe, expect, it, vi } from "vitest"
import { sshSaysOff } from "../../../src/core/plan/replace-fence.ts"
import { sshFault } from "../../../src/edge/ssh-fault.ts"

vi.setConfig({ testTimeout: 30_000 })

const PRINT = "SHA256:boPxbBBmnS+I4uQwEPeKx8xLaJefp7DnJY7j7xLhmF0"
const BY_JUMP = "kex_exchange_identification: Connection closed by remote host\nConnection closed by UNKNOWN port 65535\n"
const UNKNOWN = "No ED25519 host key is known for [192.0.2.7]:2222 and you have requested strict checking.\nHost key verification failed.\n"
/** As OpenSSH 9.2 tells it. */
const CHANGED = `@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!
Someone could be eavesdropping on you right now (man-in-the-middle attack)!
It is also possible that a host key has just been changed.
The fingerprint for the ED25519 key sent by the remote host is
${PRINT}.
Please contact your system administrator.
Add correct host key in /home/op/.ssh/known hosts to get rid of this message.
Offending ED25519 key in /home/op/.ssh/known hosts:12
  remove with:
  ssh-keygen -f "/home/op/.ssh/known hosts" -R "[192.0.2.7]:2222"
Host key for [192.0.2.7]:2222 has changed and you have requested strict checking.
Host key verification failed.
`

const told = (stderr: string, config?: string) => sshFault(stderr, { target: "val-1", config })

describe("a host key", () => {
  it("that is not known is accepted by ssh itself, after it was compared", () => {
    expect(told(UNKNOWN)).toEqual({
      reason: "the host key of [192.0.2.7]:2222 is not known: ED25519",
      hint: "compare it with what the host's own console tells (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), and accept it: ssh -o StrictHostKeyChecking=ask val-1 true",
      isUnknownKey: true,
    })
  })

  it("is told with its fingerprint, the last one that ssh saw", () => {
    const jump = "debug1: Server host key: ssh-ed25519 SHA256:aaaa\ndebug1: Host 'jump' is known and matches the ED25519 host key.\n"
    expect(told(`${jump}debug1: Server host key: ssh-ed25519 ${PRINT}\r\n${UNKNOWN}`).reason).toBe(
      `the host key of [192.0.2.7]:2222 is not known: ED25519 ${PRINT}`,
    )
  })

  it("of a jump host is accepted by the same command, with the operator's own settings", () => {
    const { reason, hint, isUnknownKey } = told(`Host key verification failed.\n${BY_JUMP}`, "/etc/my config")
    expect(reason).toBe("the host key of a host on the way to it is not known")
    expect(hint).toMatch(/ssh -F '\/etc\/my config' -o StrictHostKeyChecking=ask val-1 true$/)
    expect(isUnknownKey).toBe(true)
  })

  it("that has changed is refused, with the line that knows another one, and forgotten only after its reason is known", () => {
    expect(told(CHANGED)).toEqual({
      reason: `[192.0.2.7]:2222 shows the host key ED25519 ${PRINT}, but /home/op/.ssh/known hosts:12 knows another one; somebody may be answering in its place`,
      hint: [
        "find out why it has changed before you do anything about it; the host's own console tells its keys:",
        "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub. Only when the new one is right:",
        "ssh-keygen -f '/home/op/.ssh/known hosts' -R '[192.0.2.7]:2222', and then: ssh -o StrictHostKeyChecking=ask val-1 true",
      ].join(" "),
      isUnknownKey: false,
    })
  })

  it("that is revoked is refused", () => {
    const text = `The ED25519 host key for [192.0.2.7]:2222 is marked as revoked.
This could mean that a stolen key is being used to
impersonate this host.
ED25519 host key for [192.0.2.7]:2222 was revoked and you have requested strict checking.
Host key verification failed.
`
    expect(told(text).reason).toContain("shows the ED25519 host key that is marked as revoked")
  })
})

it.each([
  {
    name: "a user who is not let in",
    stderr: "ubuntu@192.0.2.7: Permission denied (publickey,password).\n",
    reason: "192.0.2.7 does not let ubuntu in: permission denied (it takes publickey, password)",
    hint: "ssh -v val-1 true tells which keys",
  },
  {
    name: "a key that is not there",
    stderr: "no such identity: /k/absent: No such file or directory\nroot@192.0.2.7: Permission denied (publickey).\n",
    reason: "192.0.2.7 does not let root in: permission denied (it takes publickey)",
    hint: "ssh-add FILE",
  },
  {
    name: "a key that others may read",
    stderr: `Permissions 0644 for '/k/op key' are too open.
It is required that your private key files are NOT accessible by others.
This private key will be ignored.
Load key "/k/op key": bad permissions
root@192.0.2.7: Permission denied (publickey).
`,
    reason: "the key /k/op key is not used, because others may read it",
    hint: "chmod 600 '/k/op key'",
  },
  {
    name: "an agent with more keys than the host lets try",
    stderr: "Received disconnect from 192.0.2.7 port 22:2: Too many authentication failures\nDisconnected from 192.0.2.7 port 22\n",
    reason: "too many authentication failures: the agent offers more keys than the host lets try",
    hint: "IdentitiesOnly yes",
  },
  {
    name: "an agent that refuses",
    stderr: `sign_and_send_pubkey: signing failed for ED25519 "op" from agent: agent refused operation
root@192.0.2.7: Permission denied (publickey).
`,
    reason: "the agent refused to sign with its key",
    hint: "ssh-add -l",
  },
  {
    name: "a name that nobody knows",
    stderr: "ssh: Could not resolve hostname val-1: Name or service not known\n",
    reason: "the name val-1 is not known here: Name or service not known",
    hint: "ssh val-1 true",
  },
  {
    name: "a port where nothing listens",
    stderr: "ssh: connect to host 192.0.2.7 port 22: Connection refused\n",
    reason: "ssh: connect to host 192.0.2.7 port 22: Connection refused",
    hint: "no sshd listens there",
  },
  {
    name: "a host that is off",
    stderr: "ssh: connect to host 192.0.2.7 port 22: No route to host\n",
    reason: "ssh: connect to host 192.0.2.7 port 22: No route to host",
    hint: "is it on",
  },
  { name: "silence", stderr: "Connection to 192.0.2.7 port 22 timed out\n", reason: "it gave no answer in time", hint: "is it on" },
  {
    name: "a host that greets nobody",
    stderr: "Connection timed out during banner exchange\nConnection to 192.0.2.7 port 22 timed out\n",
    reason: "it gave no answer in time",
    hint: "is it on",
  },
  {
    name: "a jump host that does not let in",
    stderr: `root@192.0.2.1: Permission denied (publickey).\n${BY_JUMP}`,
    reason: "192.0.2.1 does not let root in",
    hint: "ssh -v val-1 true",
  },
  {
    name: "a jump host that is away",
    stderr: `ssh: connect to host 192.0.2.1 port 22: Connection refused\n${BY_JUMP}`,
    reason: "a host on the way to it: 192.0.2.1 port 22: Connection refused",
    hint: "no sshd listens there",
  },
  {
    name: "a jump host that forwards nothing",
    stderr: `channel 0: open failed: administratively prohibited: open failed\nstdio forwarding failed\n${BY_JUMP}`,
    reason: "the jump host on the way to it opens no connections for others",
    hint: "AllowTcpForwarding yes",
  },
  {
    name: "a host that its jump host does not reach",
    stderr: `channel 0: open failed: connect failed: Connection refused\nstdio forwarding failed\n${BY_JUMP}`,
    reason: "its jump host does not get there: Connection refused",
    hint: "try: ssh val-1 true",
  },
  {
    name: "methods that do not meet",
    stderr: "Unable to negotiate with 192.0.2.7 port 22: no matching host key type found. Their offer: ssh-dss\n",
    reason: "no matching host key type found. Their offer: ssh-dss",
    hint: "ssh -v val-1 true",
  },
  {
    name: "a configuration that cannot be read",
    stderr: "/etc/c: line 1: Bad configuration option: foo\n/etc/c: terminating, 1 bad configuration options\n",
    reason: "/etc/c: line 1: Bad configuration option: foo",
    hint: "your ssh configuration cannot be used",
  },
  {
    name: "a configuration that is not there",
    stderr: "Can't open user config file /nowhere: No such file or directory\n",
    reason: "Can't open user config file /nowhere: No such file or directory",
    hint: "your ssh configuration cannot be used",
  },
  {
    name: "something that has no entry here, after a warning, by a jump host",
    stderr: `warning: something\nsomething else\n${BY_JUMP}`,
    reason: "something else",
    hint: "try: ssh val-1 true",
  },
  { name: "nothing at all", stderr: "\n", reason: "ssh gave no reason", hint: "try: ssh val-1 true" },
])("tells of $name", ({ stderr, reason, hint }) => {
  const fault = told(stderr)
  expect(fault.reason).toContain(reason)
  expect(fault.hint).toContain(hint)
  expect(fault.isUnknownKey).toBe(false)
})

describe("whether a host is off, which fences rest upon, is told by what ssh says of the host itself", () => {
  const CONNECT = "ssh: connect to host 192.0.2.7 port 22:"
  const saysOff = (stderr: string) => sshSaysOff(`host val-1 cannot be reached: ${told(stderr).reason}`)

  it.each(["Connection timed out", "No route to host", "Network is unreachable", "Host is down"])("off: %s", (why) => {
    expect(saysOff(`${CONNECT} ${why}\n`)).toBe(true)
    expect(saysOff(`Warning: something\n${CONNECT} ${why}\r\n`)).toBe(true)
  })

  it.each([
    ["it refuses", `${CONNECT} Connection refused\n`],
    ["one of its addresses refuses", `ssh: connect to address 192.0.2.8 port 22: Connection refused\n${CONNECT} Connection timed out\n`],
    ["its jump host is away", `${CONNECT} Connection timed out\n${BY_JUMP}`],
    ["its jump host is away, and tells so last", `Connection timed out during banner exchange\n${CONNECT} Connection timed out\n`],
    ["its jump host is away, in another order", `Connection to UNKNOWN port 65535 timed out\n${CONNECT} Connection timed out\n`],
    ["it hangs", "Connection timed out during banner exchange\nConnection to 192.0.2.7 port 22 timed out\n"],
  ])("not off: %s", (_, stderr) => {
    expect(saysOff(stderr)).toBe(false)
  })
})

it("hands on nothing that a terminal acts upon, and never without end", () => {
  const pieces = fc.constantFrom(
    "Permission denied (",
    "Host key for ",
    " has changed",
    "\u001b[2J",
    "\n",
    "x@",
    ": ",
    ")",
    "connect to host ",
  )
  const text = fc.array(fc.oneof(pieces, fc.string({ unit: "binary" })), { maxLength: 30 }).map((parts) => parts.join(""))
  fc.assert(
    fc.property(text, (stderr) => {
      const { reason, hint } = told(stderr)
      expect(`${reason}${hint}`).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u)
      expect(reason.length).toBeLessThanOrEqual(300)
    }),
    { numRuns: 30 },
  )
  expect(told("y".repeat(10_000)).reason).toHaveLength(300)
  expect(told("x@".repeat(100_000)).reason).toHaveLength(300)
})
