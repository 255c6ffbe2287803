import { Option } from "commander"

/** `--json`, with the names of what it may answer with: each has a schema of its name in schema/. */
export class AnswerOption extends Option {
  readonly answers: readonly string[]

  constructor(description: string, answers: readonly string[]) {
    super("--json", description)
    this.answers = answers
  }
}
