// Where in a text to look: patterns that let through nearly every place that could tell who wrote it, and many that tell
// of somebody else or of nothing. Which is which is for the weights to say (own-words.ts).
//
// A pattern's place in the list is part of what was learned: whoever changes the list learns anew (`npm run weights`).
// No pattern looks behind itself, for Safari of 2020 cannot, and every repetition is bounded, so that a hostile text costs no
// more than its length says. Words are few on purpose: every visitor loads this file.

export type OwnKind = "name" | "class" | "phone" | "id" | "account" | "mail" | "alone";

/** A place in the text as it is read, and the patterns that found it, by number. */
export interface Place { kind: OwnKind; start: number; end: number; by: number[] }

const HAN = "[㐀-鿿]";
const OWN = "[我俺咱]";
const any = (...choices: string[]): string => `(?:${choices.join("|")})`;

// -- names --------------------------------------------------------------------------------------------

const FAMILY =
  "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝邵钱严武戴莫孔温康施文葛安齐乔颜庄翟殷俞柳祝宁舒阮柯纪梅童凌季裴霍曲聂甘毕盛章欧鲍覃窦祁骆蓝辛卓佟褚焦戚柏桂项谷桑穆邢庞詹伍耿倪岳汤龚楚岑景苗费滕路翁甄虞荣鲁苟闵冉佘尤沙池蒲尚连艾";
/** No name holds these: pronouns, particles, what is done to somebody. */
const N = `(?:(?![我你您他她们是的了吗呢吧很都还被着跟说打骂啊])${HAN})`;
const CHILD = "(?:女儿|儿子|孩子|闺女|姑娘|丫头|小女|犬子|[弟妹哥姐侄孙娃囡宝甥崽仔妞][弟妹哥姐子女儿]?|[老大二][大二三公婆])";
const PARENT = "(?:[爸妈爹娘爷奶舅叔姑姨]|外[公婆]|家长|[父母]亲|之[父母])";
/** What may stand between a cue and the name. */
const OPEN = " (:“\"「,";
/** After these a name may stand, by its place alone. */
const CUES = [
  `${OWN}(?:[^,。!?\\n]{0,3}?名字?)?(?:[叫是系]|就是|真的?叫)[${OPEN}]{0,2}`,
  `${OWN}(?:[^,。!?\\n]{1,12}的)?[ ,(]?`,
  `[叫喊称骂]${OWN}[作做是]?[${OPEN}]{0,2}`,
  `被[^,。!?\\n]{0,6}[叫喊称][作做我为]?[${OPEN}]{0,2}`,
  `${CHILD}[${OPEN}]{0,2}`,
  `${CHILD}(?:的?名字|小名|大名)?[叫是][${OPEN}]{0,2}`,
  `${CHILD}[^,。!?\\n]{0,8}[,(]?(?:名?叫|:)`,
  `(?:名字?|号|实名|署名|落款|[报系诉信映请助][的是]?人|学生|家长|本人|姓名)(?:[叫是:]|就是)?[${OPEN}]{0,2}`,
  "[“\"「@]",
  "[—~-] ?",
  `[起取改](?:了?个?外?[名号]字?)?[叫成]?[${OPEN}]{0,2}`,
  `叫[${OPEN}]{0,2}`,
  "[班级人]的?",
  "[作身]为",
];
const ENGLISH_CUES = [
  "\\b(?:i'?m|i am) ",
  "\\b(?:it'?s|this is|its) ",
  "\\bcall(?:s|ed|ing)? me (?:the )?",
  "\\bnames?(?: is|'s|:)? ?",
  "\\b(?:son|daughter|brother|sister|cousin|kid|child|twins?|nephew|niece|grand\\w{1,8})(?:,? is| called| named)?,? ",
  "\\b(?:known as|go by|named?|nickname\\w{0,2}(?: is)?|as) ",
  "\\b(?:signed|from|love|th(?:an)?[xk]s?|regards|sincerely),? ?[—~-]?\\n? ?",
  "(?:^|[.!\\n]) ?[—~-]? ?",
  "[\"“'] ?",
];

// -- numbers ------------------------------------------------------------------------------------------

const GAP = "[ .·_/—–-]{0,2}";
/** As they are typed, or spelled. */
const DIGITS = "[\\d零〇幺一二三四五六七八九]";
const LOCAL = `[2-9]\\d{2,3}${GAP}\\d{4}`;
/** Stands between what a number is called and the number. */
const IS = "(?:id|num(?:ber)?|no|is|was|my|me|at|on|the|acc(?:ount)?|card|says|as|'s|[ :.#=,?(号码的后尾末三四六几位面就是叫搜上我记得为-]){0,9}";
const STUDENT = "(?:[学考籍工证件卡生份牌](?:编?号|[证籍])|一卡通|园卡|\\bs(?:id|n)\\b|my id|(?:student|school|exam|entry|library|id) ?(?:id|no|num(?:ber)?|card))";
const CHAT =
  "(?:[微薇威卫v][信星]|wechat|[wv]x|加我|qq|[扣球][扣球号:]|企鹅|泡泡|\\bq|抖音|weixin|xhs|快手|红[书薯]|微博|b站|蛋仔|的号(?!码)|游戏|王者|支付宝|\\buid|\\b(?:dy|ins(?:ta(?:gram)?)?|ig|snap(?:chat)?|discord|tiktok|douyin|skype|facebook|roblox|steam|account|line))";

/** A resident's number, by its last character (GB 11643). */
function isResident(value: string): boolean {
  // The weights are the powers of two modulo eleven, so the number may be read as one in base two. Its last may be a ten.
  return [...value.replace(/[^\dx]/gi, "")].reduce((all, digit) => (all * 2 + Number(digit.replace(/x/i, "10"))) % 11, 0) === 1;
}
/** Of a resident's length, and none. */
const isNoResident = (value: string): boolean => /^\d{17}[\dx]$/i.test(value) && !isResident(value);

// -- classes ------------------------------------------------------------------------------------------

const DIGIT = "[一二三四五六七八九十\\d]";
const LEVEL = `(?:[初高大中小]?${DIGIT}{1,2}|20\\d\\d)`;
const COUNT = "(?:\\d{1,2}|one|two|three|four|five|six)";

/** The first so many patterns are certain by themselves: a mail address, a resident's number, a mobile phone's. */
export const CERTAIN = 3;

/** Kind, what stands before, what is looked at, whether capitals matter, and what else has to hold. */
type Pattern = [kind: OwnKind, before: string, value: string, flags?: "" | "i", holds?: (value: string) => boolean];

const patterns = (): Pattern[] => [
  // Certain.
  ["mail", "", "[\\w.+-]{1,40}(?:@ ?| @ )[\\w-]{1,40}(?: ?[.。] ?[\\w-]{1,20}){1,4}"],
  ["id", "^|\\D", `\\d(?:${GAP}\\d){16}${GAP}[\\dx](?![\\da-z])`, "i", isResident],
  ["phone", "^|\\D", `(?:\\+?86${GAP})?[1一幺]${GAP}(?![012])${DIGITS}(?:${GAP}${DIGITS}){9}(?!\\d)`],
  // For the weights to say.
  ["id", `${STUDENT}${IS}`, "[A-Z]{0,3}-?\\d(?:[ -]?\\d){0,20}x?(?!\\d)", "i"],
  ["id", `${STUDENT}[^\\d\\n。!?]{0,12}?`, "[a-z]?\\d{4,9}-?\\d{1,4}(?!\\d)", "i"],
  ["id", "^|[^\\w]", "(?:[a-z]{1,2}-?)?\\d[\\d-]{4,18}[\\da-z]?(?!\\w)", "i", (value) => !isNoResident(value)],

  ["phone", "^|[^\\dA-Za-z]", any(`\\(?0\\d{2,3}\\)?${GAP}${LOCAL}`, "\\+\\d(?:[ ()-]{0,2}\\d){8,13}") + "(?!\\d)"],

  ["account", "^|[^\\w]", "[1-9]\\d{5,11}(?!\\w)"],
  ["account", "^|[^\\w@./-]", "@?[a-z][\\w.-]{0,15}[\\d_#][\\w.-]{0,15}(?!@)", "i"],
  ["account", "^|[^\\w@./-]", "@[a-z][\\w.-]{2,20}|[a-z]{2,12}(?:[.-][a-z]{1,12}){1,3}(?![\\w@])", "i"],
  ["account", "", `${N}{1,5}[#_]\\d{3,5}(?!\\d)`],
  ["account", `(?:${CHAT}(?:账?号|昵称|名字?|id)?|昵称|网名|${HAN} ?id)[叫是: @"“]{1,3}`, "[\\w.㐀-鿿]{2,14}", "i"],
  ["account", "[号名称D叫](?:叫|是|改成|:)?[ :“\"(@]{0,2}", "[\\w.㐀-鿿丶°]{2,12}(?=$|[ ,。!?)”\"\\n被骂在的拿让去])"],
  ["account", "", `[a-z\\d_][\\w.-]{4,19}(?=[ ,]?(?:\\(|这?就?是?我的?|is my )${CHAT})`, "i"],

  ["class", "", `(?:${LEVEL}?(?:年级|级|年)?[ 的]?(?:[(]?${N}{1,2}[)]?)?[([]? ?(?:${DIGIT}{1,3}|[A-H]) ?[)\\]]?|${LEVEL}(?:年级|级|年) ?${N}{2}) ?(?:班(?![车会主长倒])|中队)`, "i"],
  ["class", "^|[^\\d]", `(?:[一二三四五六七八九]\\d{1,2}|[初高]?${DIGIT}{1,2} ?(?:\\( ?${DIGIT}{1,2} ?\\)|[.-]\\d{1,2}))(?![\\d点元块月日号分岁个年路栋楼])`],
  ["class", "\\b", any(
    `(?:gr(?:ade)?|y(?:ea)?r|form|[gyk])\\.? ?${COUNT},? ?(?:(?:class|c|-)? ?(?:\\d{1,2}|[a-k])|\\(\\d{1,2}\\)|[A-Z][a-z]+)`,
    `(?:class|form) ?(?:${COUNT}[a-k]?|[a-k])(?:,? (?:of |in )?(?:grade|year) ?\\w{1,5})?`,
    "[psfyk]?\\d{1,2}[a-k]") + "\\b", "i"],
  ["class", "(?:班级|\\b(?:class|form|homeroom))(?: ?is|[ :是]){0,4}", "\\d{1,2}[.-]\\d{1,2}|\\d{1,2}-?[a-k]\\b|\\d{3}", "i"],
  ["class", "\\b", "(?:Y(?:ear)? ?|IB)?\\d{1,2} [A-Z][a-z]{2,9}"],

  ["alone", "", "(?:[只就仅光](?![是要能会不想说])|[没无][有其别第人见证]|除了?|唯一|[一连]个(?=[别人])|谁[都也]|单独|[其别]他?[的人同]|不知道我|独自|头一个|[两三]个人)[^,。!?\\n…;]{1,14}"],
  ["alone", "\\b", "(?:only|no ?body|no[ -]?one|no other|no witness|just|alone|except|(?:but|besides) me|every\\w{0,4} (?:else )?|(?:by|to) my ?self|sole|any ?(?:one|body)|haven'?t told|never told|between|the two of|us two|one who)\\b[^,.!?\\n]{0,40}", "i"],

  ...[1, 2].map((n): Pattern => ["name", "", `(?:欧阳|[${FAMILY}])${N}{${String(n)}}`]),
  ...CUES.flatMap((cue) => [2, 3, 4].map((n): Pattern => ["name", cue, `${N}{${String(n)}}`])),
  ["name", `${OWN}?姓`, N],
  ...[1, 2].map((n): Pattern => ["name", "", `[小阿老大]${N}{${String(n)}}`]),
  ["name", "", `(${N})\\3`],
  ["name", "^|[,。!?;:\\n —~-]", `${N}{2,4}(?=\\s{0,9}(?:$|[,。!?;\\n(]))`],
  ...[2, 3].map((n): Pattern => ["name", "", `${N}{${String(n)}}(?=[的他她]{0,2}${PARENT})`]),
  ["name", "", "[A-Z][a-z'-]{1,14}(?: [A-Z][a-z'-]{1,14}){0,2}"],
  ...ENGLISH_CUES.map((cue): Pattern => ["name", `${cue}["“'—~-]?`, "(?!the )[a-z][a-z'-]{1,14}(?: [a-z][a-z'-]{1,14})?", "i"]),
];

interface Compiled { kind: OwnKind; holds: Pattern[4]; pattern: RegExp }
let compiled: Compiled[] | undefined;

/** Made when there is a text to look at, not while the page begins. */
const made = (): Compiled[] =>
  (compiled ??= patterns().map(([kind, before, value, flags = "", holds]) => ({ kind, holds, pattern: new RegExp(`(${before})(${value})`, `g${flags}`) })));

/** Every place that some pattern finds in a text as it is read; one that several find is there once. */
export function places(read: string): Place[] {
  const found = new Map<string, Place>();
  made().forEach(({ kind, holds, pattern }, by) => {
    let last = 0;
    pattern.lastIndex = 0;
    for (let match = pattern.exec(read); match; match = pattern.exec(read)) {
      const [, before = "", value = ""] = match;
      const start = match.index + before.length;
      const end = start + value.length;
      // Looked at from the next character on, for what is there may be found as well; but not the same place's tail.
      pattern.lastIndex = match.index + 1;
      if (end === last || holds?.(value) === false) continue;
      last = end;
      const key = `${kind} ${String(start)} ${String(end)}`;
      const place = found.get(key);
      if (place) place.by.push(by);
      else found.set(key, { kind, start, end, by: [by] });
    }
  });
  return [...found.values()];
}
