import type { Command } from "commander"
import { AppError, EXIT } from "../../core/errors.ts"
import { nearestName } from "../../core/nearest-name.ts"
import type { Cli, SetExit } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { destinationOption, type FileOption, fileOption, type JsonOption, jsonOption, sourceOf } from "./options.ts"

/** The part of the composition root's gift that this command needs. */
export type ExplainCli = Pick<Cli, "now" | "env" | "withDeployment"> & { readonly io: Pick<Cli["io"], "out"> }

export function addExplainCommand(program: Command, cli: ExplainCli, setExit: SetExit): void {
  const { io, now } = cli
  program
    .command("explain [subject]")
    .description("why a rule such as GHA-305 is there, or why a node can be promoted now or not; alone, the list of all rules")
    .addOption(fileOption())
    .addOption(destinationOption())
    .addOption(jsonOption("explain", "explain-node"))
    .action(async (typed: string | undefined, options: FileOption & JsonOption) => {
      const [{ EXPLAINED_RULES, explainedRule }, { explanationText, ruleListText }] = await Promise.all([
        import("../../core/spec/rules/explained.ts"),
        import("../show-explain.ts"),
      ])
      if (typed === undefined) {
        io.out(options.json ? envelope("explain", now(), EXIT.ok, { rules: EXPLAINED_RULES }) : ruleListText(EXPLAINED_RULES))
        return
      }
      const rule = explainedRule(typed)
      if (rule !== undefined) {
        io.out(options.json ? envelope("explain", now(), EXIT.ok, { rules: [rule] }) : explanationText(rule))
        return
      }
      if (looksLikeRule(typed))
        throw unknownRule(
          typed,
          EXPLAINED_RULES.map(({ id }) => id),
        )
      const [{ promotable }, { promotableText }] = await Promise.all([import("../../app/promotable.ts"), import("../show-promotable.ts")])
      const answer = await cli.withDeployment(sourceOf(cli, options), (deployment) => promotable(deployment, typed.trim()))
      io.out(options.json ? envelope("explain-node", now(), answer.exitCode, answer) : promotableText(answer))
      setExit(answer.exitCode)
    })
}

function looksLikeRule(typed: string): boolean {
  return /^(gha-?)?\d+$/i.test(typed.trim())
}

function unknownRule(typed: string, known: readonly string[]): AppError {
  const meant = nearestName(typed, known)
  const hint = `${meant === undefined ? "" : `did you mean ${meant}? `}\`gonka-ha explain\` lists all of them`
  return new AppError("USAGE", EXIT.usage, `there is no rule ${typed}`, { hint })
}
