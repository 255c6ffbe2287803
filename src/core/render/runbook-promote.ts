import { type ChainNode, containerName, nodeOf, serviceName, type Topology, type Validator } from "../topology.ts"
import { layout, signerMarks } from "./layout.ts"
import { bullets, namesOf, type Paragraphs, shellBlock, showFences, statusOf, writeWord } from "./runbook-text.ts"

/**
 * The move of a validator by hand. It is the order that gonka-ha itself uses when it cannot hit the pause between two blocks, as no person
 * can: the signer stops first, and the new node follows the chain until it has every block that the signer's state covers.
 */
export function promoteParagraphs(topology: Topology, validator: Validator): Paragraphs {
  const { windowBlocks, minSignedPercent } = topology.chain.slashing
  const budget = Math.floor((windowBlocks * (100 - minSignedPercent)) / 100)
  return [
    `## Move ${validator.name} to another node by hand`,
    `Candidates: ${namesOf(validator.candidates)}. Signer: on ${validator.signerHost}, where every step begins. Open a shell on each host first: from step 3 to step 6 nothing is signed. About ${budget} missed blocks of ${windowBlocks} jail the validator (${seconds(budget * topology.chain.blockMs)} at ${seconds(topology.chain.blockMs)} a block).`,
    "When the active node or its host is dead the steps are the same; only step 8 waits until it is back.",
    PROMOTE_RULES,
    ...validator.candidates.flatMap((candidate) => moveParagraphs(topology, validator, nodeOf(topology, candidate))),
  ]
}

function moveParagraphs(topology: Topology, validator: Validator, target: ChainNode): Paragraphs {
  return [
    `### ${validator.name} to ${target.name}`,
    ...lockStep(topology, validator, target),
    ...readyStep(topology, target, validator),
    ...stopStep(topology, validator),
    ...gateStep(target),
    ...detachStep(topology, target),
    ...startStep(topology, validator, target),
    ...witnessStep(topology, validator),
    ...parkOthersStep(topology, validator, target),
    ...endStep(topology, validator, target),
  ]
}

function lockStep(topology: Topology, validator: Validator, target: ChainNode): Paragraphs {
  const { name, signerHost } = validator
  const { dir } = topology
  const [epoch, lock, control] = [layout.signer.epoch(name), layout.signer.lock(name), layout.signer.control(name)]
  return [
    `**1. On ${signerHost}**: keep everybody else out. This opens a shell; stay in it for every step on ${signerHost}. When it does not open, a gonka-ha is at work: let it end; \`cat ${dir}/${lock}/owner\` says whose.`,
    shellBlock(`mkdir -p ${dir}/${lock}`, `flock -n ${dir}/${lock}/lock sh`),
    `Note the node in the first line: it signs now, or would. If that is ${target.name} and its signer is \`running\`, there is nothing to move. What a \`fence\` says is somebody's decision that nothing may sign: ask before you go on.`,
    shellBlock(
      `cd ${dir}`,
      `cat ${layout.signer.aim(name)}`,
      `docker inspect -f '{{.State.Status}}' ${containerName(topology, serviceName.signer(name))}`,
      ...showFences(topology, validator),
      `ls ${control}`,
    ),
    "The number at the end makes every plan that was made before refuse. When there is none, a move that was begun before is still at work on this host, for a minute at most: repeat.",
    shellBlock(
      `cd ${dir}`,
      `echo "$(id -un) by hand since $(date -u +%Y-%m-%dT%H:%M:%SZ): ${name} to ${target.name}" > ${lock}/owner`,
      "(",
      "  flock -w 10 8 &&",
      `    echo $(( $(cat ${epoch} 2>/dev/null || echo 0) + 1 )) > ${epoch}.new &&`,
      `    sync ${epoch}.new && mv ${epoch}.new ${epoch} && cat ${epoch}`,
      `) 8>> ${control}/move.lock`,
    ),
  ]
}

function readyStep(topology: Topology, target: ChainNode, validator: Validator): Paragraphs {
  const parking = containerName(topology, serviceName.parking(target.name))
  const restart =
    topology.policy.standby === "plain" ? [`docker restart --time 60 ${containerName(topology, serviceName.node(target.name))}`] : []
  return [
    `**2. On ${target.host}**: ${target.name} follows the chain behind its parking signer. Go on when \`catching_up\` is false, the block is seconds old, and the log ends with \`connected to validator successfully\`.${restart.length === 0 ? "" : ` As a plain standby it has no signing port before it is restarted; wait until two more blocks are there. Until step 3 the signer signs elsewhere, so there is time.`}`,
    ...otherUsers(target, validator),
    shellBlock(`cd ${topology.dir}`, ...writeWord(layout.parking.owner(target.name), "parking"), `docker start ${parking}`, ...restart),
    shellBlock(`docker logs --tail 5 ${parking}`, statusOf(target.ports.rpc)),
  ]
}

/** A node has one signing port: another validator that signs through it now would lose it. */
function otherUsers(target: ChainNode, validator: Validator): Paragraphs {
  const others = target.candidateOf.filter((name) => name !== validator.name)
  return others.length === 0
    ? []
    : [`${target.name} is also a candidate of ${namesOf(others)}: stop here if one of them is aimed at it now.`]
}

function stopStep(topology: Topology, validator: Validator): Paragraphs {
  const signer = containerName(topology, serviceName.signer(validator.name))
  return [
    `**3. On ${validator.signerHost}**: stop the signer, see that it is gone (\`exited\`), and note the height of its state. SIGKILL is its orderly stop. The next line must say that nothing signs; what \`pgrep\` still lists may only be parking signers (they run with \`tmkms.toml\`) or signers of other validators.`,
    shellBlock(
      `docker kill -s KILL ${signer}`,
      `docker inspect -f '{{.State.Status}}' ${signer}`,
      `flock -n ${signerMarks(topology, validator)}/running.lock true && echo 'nothing on this host signs with this key'`,
      "pgrep -a -x tmkms",
      `cat ${topology.dir}/${layout.signer.stateFile(validator.name)}`,
    ),
  ]
}

function gateStep(target: ChainNode): Paragraphs {
  return [
    `**4. On ${target.host}**: the gate. Put the height of step 3 in place of HEIGHT, and repeat until it says \`go on\`. Below that height the node would be refused by the signer and stand still. If step 7 shows our signature in a block above that height, another signer is alive: stop here, and fence this one.`,
    shellBlock(
      "signed=HEIGHT",
      `height=$(curl -fsS http://127.0.0.1:${target.ports.rpc}/status | sed -n 's/.*"latest_block_height": *"\\([0-9]*\\)".*/\\1/p' | head -n 1)`,
      'if [ "$height" -ge "$signed" ]; then echo "go on: $height"; else echo "wait and repeat: $height"; fi',
    ),
  ]
}

function detachStep({ dir, ...topology }: Topology, target: ChainNode): Paragraphs {
  const parking = containerName(topology, serviceName.parking(target.name))
  return [
    `**5. On ${target.host}**: free its signing port, also across a reboot. The last line must be \`exited\`; then go straight on: from here the node waits for its signer.`,
    shellBlock(
      `cd ${dir}`,
      ...writeWord(layout.parking.owner(target.name), "validator"),
      `docker kill -s KILL ${parking}`,
      `docker inspect -f '{{.State.Status}}' ${parking}`,
    ),
  ]
}

function startStep({ dir, ...topology }: Topology, validator: Validator, target: ChainNode): Paragraphs {
  const signer = containerName(topology, serviceName.signer(validator.name))
  return [
    `**6. On ${validator.signerHost}**: aim the same signer with the same state at ${target.name} and start it. Its log says \`guard: starting the signer\` and then \`connected to validator successfully\`; what the guard refuses, it says why.`,
    shellBlock(
      `cd ${dir}`,
      ...writeWord(layout.signer.aim(validator.name), target.name),
      `docker start ${signer}`,
      `docker logs --since 1m ${signer}`,
    ),
    "Way back, as long as this step was not made: on the target's host write `parking` as in step 2 and start its parking signer again, then start the signer here; it goes to the node that it served before.",
  ]
}

function witnessStep(topology: Topology, validator: Validator): Paragraphs {
  const sentries = topology.nodes.filter((node) => node.role === "sentry")
  return [
    `**7. On a sentry's host**: the chain as the witness. Repeat it; two different heights whose count is not 0 carry the signature of ${validator.name}.`,
    ...sentries.map((sentry) =>
      labelled(
        `${sentry.name}, on ${sentry.host}:`,
        shellBlock(
          `commit=$(curl -fsS http://127.0.0.1:${sentry.ports.rpc}/commit)`,
          `printf '%s\\n' "$commit" | tr ',' '\\n' | grep -m 1 '"height"'`,
          `printf '%s\\n' "$commit" | grep -c ${validator.address}`,
        ),
      ),
    ),
  ]
}

function parkOthersStep({ dir, ...topology }: Topology, validator: Validator, target: ChainNode): Paragraphs {
  const others = validator.candidates.filter((name) => name !== target.name).map((name) => nodeOf(topology, name))
  if (others.length === 0) return []
  return [
    "**8. On the host of the node that signed before** (step 1), and on no other: park it. Do this before anything stops that node: without a signer it does not stop in order.",
    ...others.map((other) =>
      labelled(
        `${other.name}, on ${other.host}:`,
        shellBlock(
          `cd ${dir}`,
          ...writeWord(layout.parking.owner(other.name), "parking"),
          `docker start ${containerName(topology, serviceName.parking(other.name))}`,
        ),
      ),
    ),
  ]
}

/** Alternatives, one of which is used. */
function labelled(label: string, block: string): string {
  return `${label}\n\n${block}`
}

function endStep({ dir }: Topology, validator: Validator, target: ChainNode): Paragraphs {
  return [
    `**9. On ${validator.signerHost}**: a move that was interrupted before this one is settled now. Then leave the shell of step 1, which lets others in again. \`gonka-ha status\` and \`gonka-ha up\` find nothing to do afterwards; there is no receipt of a move by hand.`,
    shellBlock(
      `rm -f ${dir}/${layout.signer.operation(validator.name)}`,
      `echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $(id -un) by hand: ${validator.name} to ${target.name}" >> ${dir}/${layout.audit}`,
      "exit",
    ),
  ]
}

function seconds(milliseconds: number): string {
  return milliseconds < 1000 ? `${milliseconds} ms` : `${Math.round(milliseconds / 1000)} s`
}

/** What to remember before the first command. */
const PROMOTE_RULES = bullets(
  "One signer, one state file: a second signer with this key signs twice, and the validator is gone for good.",
  "The state file is never deleted, edited, or replaced by an older copy; the floor is never lowered.",
)
