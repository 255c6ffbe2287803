export type ExecResult = { readonly code: number; readonly stdout: string; readonly stderr: string }
