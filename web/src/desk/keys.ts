// A signed-in member's keys, and what they open.
import type { Argon2id } from "../envelope/argon2";
import { type Bytes, Refused, concat, equal, fromBase64, fromHex, hex, toBase64, u8, u32 } from "../envelope/bytes";
import { committed } from "../envelope/case";
import { hash, kdf } from "../envelope/kdf";
import { keyId, publicOf } from "../envelope/kem";
import { type MemberKeys, type Unlock, openRoot, unlock } from "../envelope/member";
import * as sealed from "../envelope/sealed";
import { publicOf as signingOf } from "../envelope/sign";
import { Purpose, recipient, unwrap } from "../envelope/wrap";
import * as api from "./api";
import { type Trusted, verified, verifyOwn } from "./trust";

interface Pair { seed: Bytes; publicKey: Bytes }

/** Everything that is gone when the desk locks. */
export class Keys {
  private gone = false;

  constructor(
    readonly session: api.Session,
    readonly trusted: Trusted,
    readonly member: MemberKeys,
    private readonly pairs: Map<string, Pair>,
  ) {}

  static async signIn(account: string, passphrase: string, argon2id: Argon2id): Promise<Keys> {
    const by = await unlock(passphrase, fromBase64(await api.salt(account)), argon2id);
    const session = await api.signIn(account, toBase64(by.auth));
    try {
      return await Keys.of(session, by);
    } catch (error) {
      // A session without keys is of no use to anybody.
      await api.signOut();
      throw error;
    } finally {
      by.kek.fill(0);
    }
  }

  private static async of(session: api.Session, by: Unlock): Promise<Keys> {
    const trusted = verified(session);
    const member = openRoot(fromBase64(session.member.sealed_root), by, trusted.deployment, fromHex(session.member.id));
    const own = { seed: member.kem, publicKey: await publicOf(member.kem) };
    verifyOwn(session, trusted, own.publicKey, signingOf(member.sign));
    return new Keys(session, trusted, member, await openPairs(session, trusted, own));
  }

  /** Overwrites every secret. What is still under way then fails instead of sealing under zeros. */
  forget(): void {
    this.gone = true;
    for (const secret of [this.member.kem, this.member.sign, this.member.cache]) secret.fill(0);
    for (const pair of this.pairs.values()) pair.seed.fill(0);
    this.pairs.clear();
  }

  /** To be asked after every wait and before every use of a secret. */
  refuseIfForgotten(): void {
    if (this.gone) throw new Refused("sealed");
  }

  /** Opens a wrap of a case's or a dossier's key, from this member's own copy where there is one. */
  async open(purpose: number, id: string, wrap: string, cache: string | null | undefined, commit: Bytes | null): Promise<Bytes> {
    this.refuseIfForgotten();
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
    const context = { purpose, deployment: this.trusted.deployment, object, generation: 0, use: 0, commit };
    const key = committed(await unwrap(bytes, pair.seed, pair.publicKey, context), commit);
    this.refuseIfForgotten();
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

/** The member's own pair, and the organisation's of each epoch: wrapped, or sealed under a later one. */
async function openPairs(session: api.Session, trusted: Trusted, own: Pair): Promise<Map<string, Pair>> {
  const { deployment, organisation } = trusted;
  const pairs = new Map([[hex(keyId(own.publicKey)), own]]);
  let back: Bytes | null = null;
  for (const [i, publicKey] of trusted.epochs.entries()) {
    const epoch = session.organisation.epochs[i];
    if (!epoch) continue;
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
