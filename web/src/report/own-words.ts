// What in a text could tell who wrote it. Rules, no dictionary of people: nothing is asked of anybody, and nothing leaves.
// Every repetition is bounded, so ten thousand characters cost no more than ten thousand short looks.

export type OwnKind = "name" | "class" | "phone" | "id" | "account" | "mail" | "alone";
export interface Found { kind: OwnKind; start: number; end: number }

/** Invisible characters (joiners, direction marks) that may stand inside a number or a name. */
const INVISIBLE = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufe0f\ufeff]/;

/** The text as the rules read it (plain widths, nothing invisible), and where each of its characters stood. */
function plain(text: string): { read: string; at: number[] } {
  let read = "";
  const at: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (INVISIBLE.test(character)) continue;
    const code = text.charCodeAt(i);
    const narrow = code > 0xff00 && code < 0xff5f ? String.fromCharCode(code - 0xfee0) : character;
    read += narrow === "\u3000" || narrow === "\u00a0" ? " " : narrow === "’" ? "'" : narrow;
    at.push(i);
  }
  at.push(text.length);
  return { read, at };
}

// -- names ----------------------------------------------------------------------------------------

const HAN = "\\u3400-\\u9fff";
/** A character that names are made of: no pronoun, no particle. */
const N = "(?:(?![我你您他她它们是的了吗呢吧])[\\u3400-\\u9fff·])";
/** Where a name is over: anything but Chinese, or a word that goes on about its bearer. */
const OVER = `(?=$|[^${HAN}·]|[我你您他她是的在今有被就也想和跟读上这才来坐住说])`;
const FAMILY =
  "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿兰焦俞柳甘祝包宁尚符舒阮柯纪梅童凌毕季裴霍涂苗谷盛曲翁冉骆蓝游辛靳柴鲍华喻祁蒲滕屈饶牟艾尤穆卓缪褚窦戚岑";
const NOT_FAMILY = "(?!高[一二三中年个大]|安[静全排]|马上|于是|万一|文[科化]|方便|包括|白[天班]|黄[头毛色]|江[西苏]|田径|金牌|武[术力]|易|单|严[重厉]|尤其|曾经|任何|毕[业竟]|温[柔和]|游[戏泳])";
const FULL =
  `${NOT_FAMILY}(?:(?:欧阳|司马|上官|诸葛|尉迟|皇甫|令狐|慕容|东方|司徒|[${FAMILY}])${N}{1,2}|[小阿](?![心声点弟妹孩学卖朋组偷区时便混])${N}|(?![妈爸爷奶哥姐弟妹叔姑舅姨常天人慢偷悄])(${N})\\3)`;
/** What 我叫 calls instead of naming. */
const CALLED =
  "(?![人不得着过住停出起上去到来救破谁什一几两那这大家别让喊]|小[声点]|[爸妈爷奶哥姐弟妹叔姑舅姨表老校警医保外车班室舍]|同[学桌]|朋友|学生|主任)";

const KIN = "女儿|儿子|弟弟|妹妹|哥哥|姐姐|孩子|同学|同桌|朋友|闺蜜|学生|家长|本人";
const WORD = "[A-Za-z][A-Za-z'-]{1,15}";
const CAPITAL = "[A-Z][a-z'-]{1,15}";
/** Words that begin where a name could, and are none. */
const NO_NAME =
  "(?!(?:a|an|the|and|i|in|on|at|not|no|so|of|to|my|his|her|very|too|just|only|really|always|never|still|also|now|here|from|with|but|who|what|when|where|why|how|please|help|thanks?|thank|sorry|yes|bad|good|scared|afraid|sad|tired|sick|alone|fine|ok|okay|chinese|mongolian|american|english|muslim|fat|stupid|ugly|being|getting|going|writing|they|he|she|it|we|you|this|that|there|monday|tuesday|wednesday|thursday|friday|saturday|sunday|grade|class|year|every|names?|called|written|pig|loser)\\b)";
const ENGLISH = `${NO_NAME}${CAPITAL}(?: ${NO_NAME}${CAPITAL})?`;
const EITHER = `(?:${NO_NAME.replace("thanks?|", "thanks?|is|am|was|has|have|had|")}${WORD})`;
const STOPS = "(?=$|[^A-Za-z]*$| ?[^A-Za-z ]| (?:from|in|and|of|but|here|the|a)\\b)";

// -- numbers ---------------------------------------------------------------------------------------

const GAP = "[ \\-·.]{0,2}";
/** Group 1 of a rule is what stands before, group 2 what is marked. */
const ALONE_NUMBER = "(^|[^\\dA-Za-z])";

/** A resident's number, by its last character (GB 11643). */
function isResident(value: string): boolean {
  const digits = value.replace(/[^\dx]/gi, "");
  let sum = 0;
  // The weights are the powers of two modulo eleven, so the number may be read as one in base two.
  for (const digit of digits.slice(0, 17)) sum = (sum * 2 + Number(digit)) % 11;
  return "10X98765432".charAt((sum * 2) % 11) === digits.charAt(17).toUpperCase();
}

// -- classes ---------------------------------------------------------------------------------------

const DIGIT = "[一二两三四五六七八九十〇\\d]";
const TRACK = "(?:[理文]科|重点|实验|普通|国际|火箭|(?!和|有|的|在|是)[\\u3400-\\u9fff]{2})?";
const ROOM = `[(\\[]? ?${DIGIT}{1,3} ?[)\\]]? ?班(?![车机])`;
const COUNT = "(?:\\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)";

const AT = "(?:在场?|看|听|知|目击|晓得|发现|敢说|撞见|遇)(?:旁边|现场|那里|那儿|教室|宿舍|厕所|[场见到道了过])?";
const US = "(?:[和跟][他她]们?|们)?(?:一个人?|一人|自己|两个?人?|俩)?";
const END = "(?=$|[^\\u3400-\\u9fff])";

type Rule = [kind: OwnKind, flags: string, before: string, value: string, holds?: (value: string) => boolean];

/** The first that takes a place has it. */
const RULES: Rule[] = [
  ["mail", "", "()", "[\\w.+-]{1,40}@[\\w-]{1,40}(?:\\.[\\w-]{1,20}){1,4}"],
  ["id", "i", "(^|[^\\d])", `\\d(?:${GAP}\\d){16}${GAP}[\\dx](?![\\da-z])`, isResident],
  ["phone", "", ALONE_NUMBER, `(?:\\+?86${GAP})?1${GAP}[3-9](?:${GAP}\\d){9}(?!\\d)`],
  ["id", "i", "((?:[学考工证卡]号|学籍号?|身份证|学生证|准考证|证件|student (?:id|no|number|card)|id (?:card|number|no))(?:号码?|number|no|is|[ :.#=是为,])*)", "[A-Z]{0,3}\\d(?:[ -]?\\d){2,19}x?"],
  ["account", "i", "((?:微信|weixin|wechat|[wv]x|v信|[加我] ?v|qq|扣扣|企鹅|\\bq)(?:账?号码?|id|number|is|也?是|[ :=为])*)", "(?=[a-z]{0,19}[\\d_-])[a-z\\d][\\w-]{4,19}"],
  ["account", "i", "((?:微信号|微信[ :]|(?:wechat|[wv]x)(?: id)?(?: is|:)|[加我] ?v)[ :是]*)", "(?!where|how|when|what|groups?\\b|moments)[a-z]{6,20}\\b(?! [a-z])"],
  ["phone", "", ALONE_NUMBER, `\\(?0\\d{2,3}\\)?${GAP}[2-9]\\d{2,3}${GAP}\\d{4}(?!\\d)`],
  ["phone", "", "()", `\\+\\d{1,3}(?:[ ()-]{0,2}\\d){7,12}(?!\\d)`],
  ["phone", "", ALONE_NUMBER, "\\(?\\d{3}\\)?[ -]{1,2}\\d{3}[ -]\\d{4}(?!\\d)"],
  ["phone", "i", "((?:电话|座机|手机号?|phone|call me (?:at|on))(?:号码?|number|is|[ :是为])*)", `[2-9]\\d{2,3}${GAP}\\d{4}(?!\\d)`],

  ["class", "", "()", `(?:小学|初中|高中|职高)?(?:[初高][一二三123]|${DIGIT}年级|(?:20)?\\d\\d[级届])[ 的]*${TRACK} ?${ROOM}`],
  ["class", "", "(^|[^\\d第])", "[一二三四五六七八九1-9] ?(?:\\( ?[一二三四五六七八九十\\d]{1,3} ?\\)|[.]?\\d{1,2}) ?班(?![车机])"],
  ["class", "", "((?:我|我们|孩子|儿子|女儿|弟弟|妹妹)(?:就?[是在读上]))", `(?!一个)${ROOM}`],
  ["class", "i", "(\\b)", `(?:grade|year|g) ?${COUNT}[ ,-]{0,2}(?:class|c) ?(?:${COUNT}|[a-h])\\b`],
  ["class", "i", "(\\b)", `class ?${COUNT}\\b(?:\\(\\d{1,2}\\)|[ ,]{1,2}(?:of |in )?(?:grade|year) ?${COUNT})?(?! (?:times|hours|minutes|students|people|kids))`],
  ["class", "", "(\\b)", "(?:[5-9]|1[0-2])[A-F]\\b"],

  ["alone", "", "()", `(?:现场|当时|全[班校]|年级|宿舍)?(?:就?只有|就|仅有|只剩)我${US}${AT}`],
  ["alone", "", "()", `(?:现场|全[班校](?=就|只有))?(?:只有|就|只剩)我(?:${US.replace(/\?$/, "")}${END})`],
  ["alone", "", "()", "全[班校](?:就|只有)我|现场只有我"],
  ["alone", "", "()", "除了我(?:以外|之外)?[, ]{0,2}(?:没有?(?:别的?|其他)?人|谁[都也]?[不没]|别人都?[不没])(?:有?看[见到]|知道|在)?"],
  ["alone", "", "()", "没有?(?:别的?|其他|旁)人(?:在场?|看[见到]?|知道|听[见到]?|发现|(?=$|[^\\u3400-\\u9fff]))"],
  ["alone", "", "()", "(?:(?:旁边|周围|附近|边上)都?没有?(?:别|其他)?人(?![帮理管])|没有?人(?:看[见到]|在场|在旁边))"],
  ["alone", "", "()", "(?:我是)?唯一的?一?个?(?:目击|证人|看[见到]|知道|在场)(?:者|的?人)?"],
  ["alone", "", "()", "(?:[这那]件?事)?(?:他|她|我)只(?:告诉过?[我他她]|[跟和对][我他她](?:一个人)?(?:说|讲))过?"],
  ["alone", "i", "(\\b)", "i (?:was|am) the only (?:one|person|witness|kid|student|girl|boy)\\b(?! (?:they|he|she))(?: (?:there|who saw|who knows))?"],
  ["alone", "i", "(\\b)", "(?:nobody|no ?one) (?:else (?:saw|was|is|knows?|knew|heard)|saw|heard|was (?:there|around))(?: (?:it|there))?"],
  ["alone", "i", "(\\b)", "there (?:was|were) (?:nobody|no ?one|no other \\w{1,12}) else"],
  ["alone", "i", "(\\b)", "(?:(?:it|there) was (?:just|only) (?:me|us)(?: and \\w{1,12})?|only (?:i|me) (?:know|knew|saw|heard|was)|i was alone with \\w{1,12}|i alone (?:saw|know))"],

  ["name", "", "(我 ?名?叫 ?[做作]?[ :“\"]{0,2})", `${CALLED}(?:${FULL}|${N}{2,4})${OVER}`],
  ["name", "", "((?:姓名|名字|署名)(?:叫|是)?[ :]{0,2})", `(?![叫是])(?:${FULL}|${N}{2,4})${OVER}`],
  ["name", "", "(我姓)", `${N}{1,2}${OVER}`],
  ["name", "", "(叫 ?[“\"]?)", `${FULL}${OVER}`],
  ["name", "", "(叫我)", `[小阿](?![心声点弟妹孩学时])${N}${END}`],
  ["name", "", `((?:我是|班的?|${KIN})[ :]?)`, `${FULL}${OVER}`],
  // A name that stands by itself at the end, as under a letter.
  ["name", "", "((?:^|\\n|[。!?.])[ —-]{0,4})", `(?:${FULL}|)\\s{0,3}$`, (value) => value.trim() !== ""],
  ["name", "", "(—)", `${N}{2,4}\\s{0,3}$`],
  ["name", "i", "(\\bmy name(?: is|'s) )", `${EITHER}(?: (?!said)${EITHER})?`],
  ["name", "", "(\\b[Nn]ame(?: is|'s) |\\bcalled |\\b[Cc]all me |\\b(?:[Mm]y|[Oo]ur) (?:son|daughter|brother|sister|friend|classmate|child),? )", ENGLISH],
  ["name", "", "(\\b(?:[Ii]'m|[Ii] am|[Tt]his is|[Ii]t's) )", `${ENGLISH}${STOPS}`],
  ["name", "", "([.!,\\n] ?(?:- ?)?)", `${ENGLISH}[.\\s]{0,3}$`],
];

const COMPILED = RULES.map(([kind, flags, before, value, holds]) => ({ kind, holds, pattern: new RegExp(`${before}(${value})`, `g${flags}`) }));

/** Places that could give the writer away: in order, none over another. */
export function find(text: string): Found[] {
  const { read, at } = plain(text);
  const taken = new Uint8Array(read.length);
  const found: Found[] = [];
  for (const { kind, pattern, holds } of COMPILED) {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(read); match; match = pattern.exec(read)) {
      const value = match[2]?.trim() ?? "";
      const start = match.index + (match[1]?.length ?? 0);
      const end = start + value.length;
      if (value === "" || pattern.lastIndex === match.index) pattern.lastIndex++;
      if (value === "" || taken.subarray(start, end).includes(1) || (holds && !holds(value))) continue;
      taken.fill(1, start, end);
      found.push({ kind, start: at[start] ?? 0, end: (at[end - 1] ?? 0) + 1 });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}
