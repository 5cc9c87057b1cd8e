// What the server says of keys, verified: from the city down to this organisation, its epochs, its
// members, and the levels above. Nothing is wrapped to a key that does not come from here.
import { type Bytes, Refused, equal, fromBase64, fromHex, hex, isZero } from "../envelope/bytes";
import { hash } from "../envelope/kdf";
import { type Named, checkedEpoch, checkedIdentity, checkedMember } from "../envelope/keys-document";
import * as statement from "../envelope/statement";
import type { Session } from "./api";

export interface Trusted {
  deployment: Bytes;
  organisation: Bytes;
  /** The organisation's identity key. */
  identity: Bytes;
  /** Organisation keys, newest first. */
  epochs: Bytes[];
  /** All members of the newest epoch: its hash counts them, so that nobody can be hidden. */
  members: statement.Member[];
  colleagues: { name: string; kem: Bytes }[];
  above: { use: number; key: Bytes }[];
}

const refuseUnless = (holds: boolean): void => {
  if (!holds) throw new Refused("statement");
};

/** The chain of identities, each signed by the one above, down to this organisation. */
function chain(session: Session, deployment: Bytes): Named[] {
  const levels: Named[] = [];
  for (const encoded of session.organisation.chain) {
    const identity = checkedIdentity(fromBase64(encoded), levels[levels.length - 1], deployment);
    levels.push({ id: identity.child, level: identity.level, key: identity.key });
  }
  return levels;
}

/** Each epoch names its key and its members, and the hash of the one before. */
function epochs(session: Session, own: Named, deployment: Bytes): void {
  let later: statement.Epoch | null = null;
  for (const shown of session.organisation.epochs) {
    const bytes = fromBase64(shown.statement);
    const epoch = checkedEpoch(bytes, fromBase64(shown.public_key), own, deployment);
    refuseUnless(epoch.epoch === shown.epoch && (epoch.epoch > 0 || isZero(epoch.previous)));
    refuseUnless(equal(epoch.membersHash, hash(...shown.members.map(fromBase64))));
    if (later) refuseUnless(later.epoch === epoch.epoch + 1 && equal(later.previous, hash(bytes)));
    later = epoch;
  }
}

function above(session: Session, levels: readonly Named[], deployment: Bytes): Trusted["above"] {
  return session.above.map((shown) => {
    const level = levels[levels.length - 1 - shown.use];
    if (shown.use < 1 || !level) throw new Refused("statement");
    const key = fromBase64(shown.public_key);
    const epoch = checkedEpoch(fromBase64(shown.statement), key, level, deployment);
    refuseUnless(epoch.from <= session.today && session.today <= epoch.until);
    return { use: shown.use, key };
  });
}

/** Throws `Refused` at the first statement that does not hold. */
export function verified(session: Session): Trusted {
  const deployment = fromBase64(session.deployment);
  const organisation = fromHex(session.organisation.id);
  const levels = chain(session, deployment);
  const own = levels[levels.length - 1];
  if (!own || !equal(own.id, organisation) || own.level !== session.organisation.level) throw new Refused("statement");
  epochs(session, own, deployment);

  const newest = session.organisation.epochs[0];
  const members = (newest?.members ?? []).map((bytes) => statement.member(fromBase64(bytes), own.key));
  const colleagues: Trusted["colleagues"] = [];
  for (const shown of session.organisation.colleagues) {
    // A newcomer whom no epoch names yet: known by name, but nothing is wrapped to them.
    if (!shown.statement) continue;
    const kem = fromBase64(shown.kem);
    const one = checkedMember(fromBase64(shown.statement), kem, own, deployment);
    refuseUnless(newest?.members.includes(shown.statement) === true && one.epoch === newest.epoch);
    refuseUnless(hex(one.member) === shown.id && one.role === shown.role);
    colleagues.push({ name: shown.name, kem });
  }
  return {
    deployment, organisation, identity: own.key, members, colleagues,
    epochs: session.organisation.epochs.map((epoch) => fromBase64(epoch.public_key)),
    above: above(session, levels, deployment),
  };
}

/** The member's own statement must name the keys their passphrase opened, or nobody could verify what they write. */
export function verifyOwn(session: Session, trusted: Trusted, kem: Bytes, signing: Bytes): void {
  if (session.member.statement === "") return;
  const own = checkedMember(fromBase64(session.member.statement), kem, { id: trusted.organisation, key: trusted.identity }, trusted.deployment);
  refuseUnless(hex(own.member) === session.member.id && equal(own.signing, signing));
}
