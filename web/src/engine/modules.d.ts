declare module "hash-wasm/dist/argon2.umd.min.js" {
  export { argon2id } from "hash-wasm";
}

/** The address of a worker's script. */
declare module "*?worker&url" {
  const address: string;
  export default address;
}
