// The `keys` document: everything a visitor verifies before sealing.
import { type Bytes, Reader, Refused, equal, label, text } from "./bytes";
import { hash, hash16 } from "./kdf";
import { checkedKey } from "./kem";
import * as statement from "./statement";

export const KEYS = 28672;
const MOST_MEMBERS = 14;
const MOST_HANDOVERS = 4;
const enum Item { Deployment = 1, Now, About, Organisation, Identity, Handover, Epoch, OrganisationKey, Roster, Member, MemberKey, Service, Intake, IntakeKey, Challenge }

export interface Level {
  id: Bytes;
  level: number;
  code: string;
  name: string;
  key: Bytes;
  /** `handover` statements that lead to `key`, oldest first. */
  handovers: Bytes[];
  /** Epoch and organisation key, if it can open letters. */
  working: { epoch: number; key: Bytes } | null;
}
export interface Colleague { statement: statement.Member; kem: Bytes }
export interface Verified {
  deployment: Bytes;
  hour: number;
  day: number;
  about: string;
  root: Bytes;
  /** From the city down. */
  levels: Level[];
  /** Position of the lowest working level, -1 if nobody can read. */
  holder: number;
  /** Members of the addressed school, if it reads itself. */
  members: Colleague[];
  rosterValid: boolean;
  intake: Bytes;
  pinned: boolean;
}

class Cursor {
  private ahead: { type: number; value: Bytes } | null = null;
  constructor(private readonly rest: Reader) {
    this.advance();
  }
  private advance(): void {
    const type = this.rest.u8();
    this.ahead = type === 0 ? null : { type, value: this.rest.take(this.rest.u16()) };
  }
  nextIf(type: Item): Bytes | null {
    if (this.ahead?.type !== (type as number)) return null;
    const { value } = this.ahead;
    this.advance();
    return value;
  }
  need(type: Item, length?: number): Bytes {
    const value = this.nextIf(type);
    if (!value) throw new Refused("version");
    if (length !== undefined && value.length !== length) throw new Refused("length");
    return value;
  }
  end(): void {
    if (this.ahead) throw new Refused("version");
    this.rest.zeros();
  }
}

interface Shown { code: string; name: string; identity: Bytes | null; handovers: Bytes[]; epoch: Bytes | null; key: Bytes | null; roster: Bytes | null }

function shownLevel(named: Bytes, items: Cursor): Shown {
  if (named.length < 8) throw new Refused("length");
  const identity = items.nextIf(Item.Identity);
  const handovers: Bytes[] = [];
  for (let one; (one = items.nextIf(Item.Handover)); ) handovers.push(one);
  if (handovers.length > MOST_HANDOVERS) throw new Refused("length");
  const epoch = items.nextIf(Item.Epoch);
  const key = epoch ? items.need(Item.OrganisationKey) : null;
  return { code: text(named.slice(0, 8)), name: text(named.slice(8)), identity, handovers, epoch, key, roster: items.nextIf(Item.Roster) };
}

const refuseUnless = (holds: boolean): void => {
  if (!holds) throw new Refused("statement");
};

/**
 * A row of handovers must be this organisation's, each signed by the key that the one before names, and end in the key
 * that the parent's `identity` names. Who signed the first is not in the document: `successors` tells, to who knows that key.
 */
function checkHandovers(handovers: readonly Bytes[], identity: statement.Identity): void {
  let signer: Bytes | null = null;
  for (const bytes of handovers) {
    const said: statement.Handover = signer ? statement.handover(bytes, signer) : statement.claimedHandover(bytes);
    refuseUnless(equal(said.deployment, identity.deployment) && equal(said.organisation, identity.child));
    signer = said.key;
  }
  refuseUnless(!signer || equal(signer, identity.key));
}

/** The keys that an older identity key handed over to, oldest first; none if it did not. */
export function successors(level: Pick<Level, "handovers">, old: Bytes): Bytes[] {
  const named = level.handovers.map((bytes) => statement.claimedHandover(bytes).key);
  const at = named.findIndex((key) => equal(key, old));
  if (at >= 0) return named.slice(at + 1);
  const first = level.handovers[0];
  try {
    if (first) statement.handover(first, old);
    return named;
  } catch {
    return []; // The first was signed by somebody else.
  }
}

/** An organisation as the chain of identities names it. */
export interface Named { id: Bytes; level: number; key: Bytes }

/** An identity under the one above; the root, which has none, signs itself. */
export function checkedIdentity(bytes: Bytes, above: Named | undefined, deployment: Bytes): statement.Identity {
  const claimed = statement.claimedIdentity(bytes);
  const identity = statement.identity(bytes, above ? above.key : claimed.key);
  refuseUnless(equal(identity.deployment, deployment));
  refuseUnless(equal(identity.parent, above ? above.id : identity.child));
  refuseUnless(above ? identity.level > above.level : identity.level === 0);
  return identity;
}

/** An epoch's statement under its organisation's identity, and the key it names; whether it is current is the caller's. */
export function checkedEpoch(bytes: Bytes, key: Bytes, of: Pick<Named, "id" | "key">, deployment: Bytes): statement.Epoch {
  const epoch = statement.epoch(bytes, of.key);
  checkedKey(key);
  refuseUnless(equal(epoch.deployment, deployment) && equal(epoch.organisation, of.id));
  refuseUnless(epoch.until >= epoch.from && epoch.until - epoch.from <= statement.EPOCH_DAYS);
  refuseUnless(equal(epoch.keyHash, hash(key)));
  return epoch;
}

/** Whether a member's statement is about this organisation and this key. */
function checkNames(one: statement.Member, kem: Bytes, of: Pick<Named, "id">, deployment: Bytes): void {
  checkedKey(kem);
  refuseUnless(equal(one.deployment, deployment) && equal(one.organisation, of.id) && equal(one.kemHash, hash(kem)));
}

/** A member's statement under the organisation's identity, and the key it names. */
export function checkedMember(bytes: Bytes, kem: Bytes, of: Pick<Named, "id" | "key">, deployment: Bytes): statement.Member {
  const one = statement.member(bytes, of.key);
  checkNames(one, kem, of, deployment);
  return one;
}

function working(shown: Shown, of: Named, deployment: Bytes, day: number): (Level["working"] & { membersHash: Bytes }) | null {
  if (!shown.epoch || !shown.key) return null;
  const epoch = checkedEpoch(shown.epoch, shown.key, of, deployment);
  if (day < epoch.from || day > epoch.until) return null;
  return { epoch: epoch.epoch, key: shown.key, membersHash: epoch.membersHash };
}

function chain(shown: readonly Shown[], deployment: Bytes, day: number) {
  const levels: (Level & { membersHash: Bytes | null })[] = [];
  for (const one of shown) {
    if (!one.identity) break;
    const above = levels[levels.length - 1];
    const identity = checkedIdentity(one.identity, above, deployment);
    if (identity.until < day) break;
    checkHandovers(one.handovers, identity);
    const named = { id: identity.child, level: identity.level, key: identity.key };
    const open = working(one, named, deployment, day);
    levels.push({
      ...named, code: one.code, name: one.name, handovers: one.handovers,
      working: open && { epoch: open.epoch, key: open.key }, membersHash: open?.membersHash ?? null,
    });
  }
  return levels;
}

/**
 * The members that an epoch counts. Its statement names the hash of theirs, and one key signs both: with the epoch it has
 * spoken for these very bytes, so that their own signatures, one a member, are not verified before the first question.
 */
function countedMembers(pairs: readonly [Bytes, Bytes][], school: Level & { membersHash: Bytes | null }, deployment: Bytes, day: number): Colleague[] {
  refuseUnless(school.membersHash !== null && equal(school.membersHash, hash(...pairs.map(([bytes]) => bytes))));
  let last = "";
  return pairs.map(([bytes, kem]) => {
    const one = statement.claimedMember(bytes);
    checkNames(one, kem, school, deployment);
    refuseUnless(one.epoch === school.working?.epoch && one.until >= day);
    const id = String.fromCharCode(...one.member);
    refuseUnless(id > last);
    last = id;
    return { statement: one, kem };
  });
}

function confirmed(shown: Shown, above: Level | undefined, school: Level, members: readonly Colleague[], deployment: Bytes, day: number): boolean {
  if (!shown.roster || !above) return false;
  try {
    const roster = statement.roster(shown.roster, above.key);
    return equal(roster.deployment, deployment) && equal(roster.organisation, school.id) && roster.until >= day &&
      equal(roster.membersHash, statement.rosterHash(members.map((one) => one.statement)));
  } catch {
    return false; // A roster that does not verify confirms nobody.
  }
}

export const pin = (root: Bytes, school: Bytes): Bytes => hash16(label("shudong/1 pin"), root, school);

/** Checks every statement, those of the members by their epoch's; throws `Refused` at the first that does not hold. */
export function verifyKeys(bytes: Bytes, expectedCode: string, pinned: Bytes | null): Verified {
  if (bytes.length !== KEYS) throw new Refused("length");
  const items = new Cursor(new Reader(bytes));
  const deployment = items.need(Item.Deployment, 16);
  const now = new Reader(items.need(Item.Now, 8));
  const [hour, day] = [now.u32(), now.u32()];
  const about = text(items.need(Item.About, 8));
  const shown: Shown[] = [];
  for (let named; (named = items.nextIf(Item.Organisation)); ) shown.push(shownLevel(named, items));
  const pairs: [Bytes, Bytes][] = [];
  for (let one; (one = items.nextIf(Item.Member)); ) pairs.push([one, items.need(Item.MemberKey)]);
  const [service, intake, intakeKey] = [items.need(Item.Service), items.need(Item.Intake), items.need(Item.IntakeKey)];
  items.need(Item.Challenge, 33);
  items.end();
  refuseUnless(shown.length >= 1 && shown.length <= 3 && pairs.length <= MOST_MEMBERS);
  refuseUnless(about === expectedCode && shown[shown.length - 1]?.code === about);

  const levels = chain(shown, deployment, day);
  const [city, lowest] = [levels[0], levels[levels.length - 1]];
  if (!city || !lowest) throw new Refused("statement");
  const complete = levels.length === shown.length;
  if (pinned) refuseUnless(complete && equal(pin(city.key, lowest.key), pinned));
  const served = statement.service(service, city.key);
  const taken = statement.intake(intake, served.key);
  for (const one of [served, taken]) refuseUnless(equal(one.deployment, deployment) && one.from <= day && day <= one.until);
  refuseUnless(equal(taken.key, hash(checkedKey(intakeKey))));

  const readsItself = complete && lowest.level === 2 && lowest.working !== null;
  const members = readsItself ? countedMembers(pairs, lowest, deployment, day) : [];
  const lastShown = shown[shown.length - 1];
  let holder = levels.length - 1;
  while (holder >= 0 && !levels[holder]?.working) holder--;
  return {
    deployment, hour, day, about, root: city.key, levels, holder, members, intake: intakeKey, pinned: pinned !== null,
    rosterValid: readsItself && !!lastShown && confirmed(lastShown, levels[levels.length - 2], lowest, members, deployment, day),
  };
}
