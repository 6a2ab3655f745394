/** For tests of policies, the package's own and yours. Needs `node:test` and `fast-check`. */
export {
  type Group,
  evenGroup,
  group,
  pickRequest,
  scriptedRandom,
  seededRandom,
} from "./fixtures.ts";
export { type PolicyOf, describePolicyContract } from "./policy-contract.ts";
