/** The tags of the images a lab needs; `node` and `tmkms` are two names of one image. */
export type LabImages = { readonly host: string; readonly node: string; readonly tmkms: string; readonly haproxy: string }
