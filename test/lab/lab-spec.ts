/**
 * `hosts` are names, also the ssh aliases; `label` starts the lab's id, for people who look at `docker ps`. With
 * `images: "later"` the hosts come without the chain image, and `loadImages` brings it while something else goes on.
 */
export type LabSpec = { readonly hosts: readonly string[]; readonly label?: string; readonly images?: "later" }
