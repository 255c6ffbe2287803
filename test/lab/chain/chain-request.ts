/** `consensusPubkeyBase64`: the validator under test, public part only. `blockMs` becomes timeout_commit. */
export type ChainRequest = { readonly consensusPubkeyBase64: string; readonly blockMs: number }
