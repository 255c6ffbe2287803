/** One of several ways to go, with the sentence that tells them apart. */
export type Alternative = { readonly name: string; readonly about: string }

/** What is wrong with an answer, in the words in which it is shown; undefined when nothing is. */
export type AnswerCheck = (answer: string) => Promise<string | undefined>

/** Questions that lead a person through something, on a terminal. Nothing is returned that was not checked. @throws AppError CANCELLED from every question */
export type Questions = {
  begin(title: string): void
  /** Something to read before the next question. */
  tell(title: string, text: string): void
  choose(question: { readonly message: string; readonly alternatives: readonly Alternative[]; readonly first: string }): Promise<string>
  /** An empty answer is an answer; whether it will do, the check tells. */
  text(question: {
    readonly message: string
    readonly hint?: string
    /** Stands there to be changed or taken. */
    readonly start?: string
    readonly check: AnswerCheck
  }): Promise<string>
  yesOrNo(question: { readonly message: string; readonly first: boolean }): Promise<boolean>
}
