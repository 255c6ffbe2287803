/** `hosts` are names, also the ssh aliases; `label` starts the lab's id, for people who look at `docker ps`. */
export type LabSpec = { readonly hosts: readonly string[]; readonly label?: string }
