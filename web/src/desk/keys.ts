// A signed-in member's keys, and what they open.
import { loadArgon2 } from "../envelope/argon2";
import { type Bytes, Refused, concat, equal, fromBase64, fromHex, hex, toBase64, u8, u32 } from "../envelope/bytes";
import { committed } from "../envelope/case";
import { hash, kdf } from "../envelope/kdf";
import { keyId, publicOf } from "../envelope/kem";
import { type MemberKeys, openRoot, unlock } from "../envelope/member";
import * as sealed from "../envelope/sealed";
import * as statement from "../envelope/statement";
import { Purpose, recipient, unwrap } from "../envelope/wrap";
import * as api from "./api";

interface Pair { seed: Bytes; publicKey: Bytes }

/** Everything that is gone when the desk locks. */
export class Keys {
  private constructor(
    readonly session: api.Session,
    readonly member: MemberKeys,
    readonly deployment: Bytes,
    readonly organisation: Bytes,
    /** The organisation's identity key, verified from the city down. */
    readonly identity: Bytes,
    private readonly pairs: Map<string, Pair>,
  ) {}

  static async signIn(account: string, passphrase: string): Promise<Keys> {
    const argon2id = await loadArgon2();
    const by = await unlock(passphrase, fromBase64(await api.salt(account)), argon2id);
    const session = await api.signIn(account, toBase64(by.auth));
    const deployment = fromBase64(session.deployment);
    const member = openRoot(fromBase64(session.member.sealed_root), by, deployment, fromHex(session.member.id));
    by.kek.fill(0);
    const organisation = fromHex(session.organisation.id);
    const pairs = await openPairs(session, member, deployment, organisation);
    return new Keys(session, member, deployment, organisation, identityOf(session, deployment, organisation), pairs);
  }

  /** Opens a wrap of a case's or a dossier's key, from this member's own copy where there is one. */
  async open(purpose: number, id: string, wrap: string, cache: string | null | undefined, commit: Bytes | null): Promise<Bytes> {
    const object = fromHex(id);
    if (cache) {
      try {
        return this.checked(sealed.open(this.member.cache, this.cacheAad(object, purpose), fromBase64(cache)), commit);
      } catch {
        // A copy that does not open is made anew below.
      }
    }
    const bytes = fromBase64(wrap);
    const pair = this.pairs.get(hex(recipient(bytes)));
    if (!pair || !commit) throw new Refused("sealed");
    const context = { purpose, deployment: this.deployment, object, generation: 0, use: 0, commit };
    const key = committed(await unwrap(bytes, pair.seed, pair.publicKey, context), commit);
    const kept = sealed.seal(this.member.cache, this.cacheAad(object, purpose), key);
    await api.keepKey(id, purpose === Purpose.Dossier, toBase64(kept)).catch(() => undefined);
    return key;
  }

  private checked(key: Bytes, commit: Bytes | null): Bytes {
    return commit ? committed(key, commit) : key;
  }

  private cacheAad(object: Bytes, purpose: number): Bytes {
    return concat(object, u8(0), u8(purpose));
  }

  get statement(): Bytes {
    return fromBase64(this.session.member.statement);
  }
}

/** The chain of identities, each signed by the one above, down to this organisation. */
function identityOf(session: api.Session, deployment: Bytes, organisation: Bytes): Bytes {
  let above: statement.Identity | null = null;
  for (const encoded of session.organisation.chain) {
    const bytes = fromBase64(encoded);
    const signer: Bytes = above ? above.key : statement.claimedIdentity(bytes).key;
    const identity = statement.identity(bytes, signer);
    const parent: Bytes = above ? above.child : identity.child;
    if (!equal(identity.deployment, deployment) || !equal(identity.parent, parent)) throw new Refused("statement");
    above = identity;
  }
  if (!above || !equal(above.child, organisation)) throw new Refused("statement");
  return above.key;
}

/** The member's own pair, and the organisation's of each epoch: wrapped, or sealed under a later one. */
async function openPairs(session: api.Session, member: MemberKeys, deployment: Bytes, organisation: Bytes): Promise<Map<string, Pair>> {
  const own = { seed: member.kem, publicKey: await publicOf(member.kem) };
  const pairs = new Map([[hex(keyId(own.publicKey)), own]]);
  let back: Bytes | null = null;
  for (const epoch of session.organisation.epochs) {
    const publicKey = fromBase64(epoch.public_key);
    const commit = hash(publicKey);
    const context = { purpose: Purpose.OrganisationSeed, deployment, object: organisation, generation: 0, use: 0, commit };
    let seed: Bytes | null = back;
    if (epoch.wrap) seed = await unwrap(fromBase64(epoch.wrap), own.seed, own.publicKey, context);
    if (!seed) continue;
    if (!equal(await publicOf(seed), publicKey)) throw new Refused("commitment");
    pairs.set(hex(keyId(publicKey)), { seed, publicKey });
    back = epoch.back
      ? sealed.open(kdf(seed, "back"), concat(organisation, u32(epoch.epoch - 1)), fromBase64(epoch.back))
      : null;
  }
  return pairs;
}
