import type { Command } from "commander"
import { AppError, EXIT } from "../../core/errors.ts"
import { nearestName } from "../../core/nearest-name.ts"
import type { Cli } from "../cli.ts"
import { envelope } from "../envelope.ts"
import { type JsonOption, jsonOption } from "./options.ts"

/** The part of the composition root's gift that this command needs. */
export type ExplainCli = Pick<Cli, "now"> & { readonly io: Pick<Cli["io"], "out"> }

export function addExplainCommand(program: Command, { io, now }: ExplainCli): void {
  program
    .command("explain [rule]")
    .description("why a rule such as GHA-305 is there, what to do, with examples; without a rule, the list of all")
    .addOption(jsonOption())
    .action(async (typed: string | undefined, options: JsonOption) => {
      const [{ EXPLAINED_RULES, explainedRule }, { explanationText, ruleListText }] = await Promise.all([
        import("../../core/spec/rules/explained.ts"),
        import("../show-explain.ts"),
      ])
      if (typed === undefined) {
        io.out(options.json ? envelope("explain", now(), EXIT.ok, { rules: EXPLAINED_RULES }) : ruleListText(EXPLAINED_RULES))
        return
      }
      const rule = explainedRule(typed)
      if (rule === undefined)
        throw unknownRule(
          typed,
          EXPLAINED_RULES.map(({ id }) => id),
        )
      io.out(options.json ? envelope("explain", now(), EXIT.ok, { rules: [rule] }) : explanationText(rule))
    })
}

function unknownRule(typed: string, known: readonly string[]): AppError {
  const meant = nearestName(typed, known)
  const hint = `${meant === undefined ? "" : `did you mean ${meant}? `}\`gonka-ha explain\` lists all of them`
  return new AppError("USAGE", EXIT.usage, `there is no rule ${typed}`, { hint })
}
