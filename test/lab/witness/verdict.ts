/** What a commit says about one validator at one height. `outside`: it was not in the validator set there. */
export type Verdict = "signed" | "missed" | "nil" | "outside"
