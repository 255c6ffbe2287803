/** A Docker engine that answers. */
export type Engine = { readonly id: string; readonly version: string }
