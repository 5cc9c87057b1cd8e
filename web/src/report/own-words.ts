// What in a text could tell who wrote it. Rules, no dictionary of people: nothing is asked of anybody, and nothing leaves.
// Every repetition is bounded, so ten thousand characters cost no more than ten thousand short looks. Words are few on
// purpose: every visitor loads this file.

export type OwnKind = "name" | "class" | "phone" | "id" | "account" | "mail" | "alone";
export interface Found { kind: OwnKind; start: number; end: number }

/** Joiners and direction marks, which may stand inside a number or a name unseen. */
const UNSEEN = /[\p{Cf}\ufe0f]/u;

/** The text as the rules read it (plain widths, nothing unseen), and where each of its characters stood. */
function plain(text: string): { read: string; at: number[] } {
  let read = "";
  const at: number[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text.charAt(i);
    if (UNSEEN.test(character)) continue;
    const narrow = character.normalize("NFKC");
    read += narrow.length === 1 ? narrow : character;
    at.push(i);
  }
  return { read, at };
}

const HAN = "[㐀-鿿]";
/** No Chinese goes on from here. */
const END = `(?!${HAN})`;
const OWN = "[我俺咱]";
const any = (...choices: string[]): string => `(?:${choices.join("|")})`;

// -- whose it is ------------------------------------------------------------------------------------

/** Kin, each said once or twice over. */
const FOLK = "爸妈爹爷奶姥姑舅叔姨哥姐弟妹";
/** Who brings a child up, as said after its name. */
const PARENT = `(?:[${FOLK}外]{1,2}[公婆]?|家长|母亲)`;
const CHILD = "女儿|儿子|孩子|闺女|姑娘|丫头|小女|[弟妹哥姐]{1,2}|外[孙甥]女?|[孙侄][子女儿]|娃儿?|小[孩囡]";
const KIN = "(?:\\w{3,7} )?(?:son|daughter|bro|sis|(?:[Mm]o|[Ff]a|bro)ther|sister|child|parent|kid|grand\\w{3,8}|niece|aunt|uncle|nephew|cousin|twins?|[Mm][uo]m|dad|boy)";
/** A child was spoken of, so 他 and "she" go on about that one. */
const NEAR = new RegExp(`${OWN}.{0,4}(?:${CHILD}|[${FOLK}])|\\b(?:my|our) ${KIN}\\b|(?:[^i\\W]|[^h\\W]i)'?s (?:mum|dad|mother|father)\\b`, "i");
/** Ends on somebody else, who is then told about. */
const OTHERS = new RegExp(
  any(
    `(?:(?:^|[^和跟])[他她]们?|对方|隔壁|(?:^|[^我俺咱们子儿孩])被|员是|(?:[打抢堵骂负踢推][^,。的话]{1,4}|头)的人?|那[个些几群]|[^我]有[些几]?[个些])(?:[^我俺咱,。!?\\n]|的,){0,10}$`,
    "\\b(?:the(?:y|ir)|room|s?he|his|her|who|(?:the|(?:^|[^m] )an?|some|two|three) (?:\\w{3,6} )?(?:boy|girl|kid|guy|one|bull|lead|senior)\\w{0,4})\\b(?![^.!?\\n]{0,30}\\b(?:i|my|me|we|our)\\b)[^.!?\\n]{0,20}$",
  ), "i");
/** Goes on about somebody of there, who did it. */
const DID = /^(?:[和跟]我们|那[个些几群]|.{0,6}干的)/;
/** Goes on about somebody of that class, who did it. */
const THEIRS = /^(?:的?(?:[一两二三几][个群](?!普|小朋|[^,。]?[女妈爸])|[^,。!我学]{0,2}男[生孩的](?!,)|[^,。! 我被]{2,4}(?:[打骂拿抢踹]|[^,。! ]{0,2}叫我|天天|老是|总))|的人?[堵打])|^ (?:who|call|sa[iy]|hit|push|beat|kick|took|ma[dk]e|smoke|lock|keep|always|and h)/;

/** What stands around tells of the writer or the writer's own, not of an offender. */
function isOurs(_: string, before: string, after = ""): boolean {
  if (/(?:^|[^打骂负欺])我[就们]?是.{0,3}$/.test(before)) return true;
  if (OTHERS.test(before.slice(-40))) return NEAR.test(before);
  return !DID.test(after);
}

const isOurClass = (value: string, before: string, after = ""): boolean => /[我俺咱](?:们?班?|家?[孩女儿弟妹哥姐]{1,2}[子儿]?|[^,。的怀他她说]{0,6}[在上读念是于])[( ]?$|\b(?:i'?m|i (?:am|was)|(?:my|our) \w{2,10}(?: is)?) in (?:the )?$/i.test(before) || (!THEIRS.test(after) && isOurs(value, before, after));

// -- names ------------------------------------------------------------------------------------------

/** No name holds these: pronouns, particles, what is done to somebody. */
const STOP = "我你您他她们是的了吗呢吧不没很都也就还被在什着过跟回说打骂堵呀啊某";
const N = `(?:(?![${STOP}])${HAN})`;
/** Where a name is over: anything but Chinese, or a word that goes on about its bearer. */
const OVER = `(?=${END}|[${STOP}今读上才反从名${FOLK}]|[班年]级|电话|手机)`;
const FAMILY =
  "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖萧田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝邵钱严武戴莫孔温康施文葛安齐乔颜庄翟殷俞柳祝宁舒阮柯纪梅童凌季裴霍曲聂甘毕盛章欧鲍覃窦祁骆蓝辛卓佟褚焦戚柏桂项谷桑穆邢庞詹伍耿倪岳汤龚楚岑景苗费滕路翁甄虞荣鲁苟闵冉佘尤沙池蒲尚连艾";
const ROLE = "老师|主任|[校班]长|女士|室友|同[学桌]|朋友";
/** Words that begin like a name, and are none. */
const NO_FAMILY =
  `(?!.(?:${ROLE})|高[一二三中兴烧]|谢谢|毕业|周[一二三四五六日末围]|马上|白[天白]|安[静全]|任何|何[况苦必]|许[久多]|严重|康复|温柔|莫名|石膏|金鱼|毛[笔巾]|方方)`;
const SMALL = `[小阿](?![小时弟妹孩学生姨朋])${N}{1,2}`;
const TWICE = `(?![${FOLK}常天刚谢万方白])(${N})\\3`;
/** Ends, or begins, on what many given names do and hardly a word does. */
const GIVEN = `${N}{1,2}[轩涵桐怡彤宇琪萱婷瑶辰泽诺墨妍睿哲霖浩楠雯馨佑琳昊豪鑫帆凡晴]|[梓浩昊]${N}`;
/** A name by its looks. Holds the third group of its rule. */
const FULL = any(`${NO_FAMILY}(?:欧阳|[${FAMILY}])${N}{1,2}`, GIVEN, SMALL, TWICE);
/** A name by its place; one from another tongue may have a dot. */
const ANY = any(FULL, `${N}{2,4}(?:·${N}{1,6})?`);
/** What 我叫 calls, or how it calls, instead of naming. */
const CALLED = `(?!${HAN}{0,4}(?:${ROLE}|来(?!自)|们)|闭嘴|大家|滴滴|天天|司机|服务|宿管|[车门人得住停出起上去到来谁一几那让${FOLK}警保])`;
/** After what stands like the writer's name: somebody else's friend, or a teacher. */
const NOT_MINE = `(?!${ROLE}|[他她]们)`;
/** Ends like a word for what somebody is, or begins like one for when. */
const WHO = `(?![第高一这])(?!${N}{1,3}[生长人师友者员族家子桌来心名眼天日年级班证亲婆${FOLK}])${N}{2,4}`;
/** What a child goes on to do. */
const DOES = "(?=[,。 胆很不就也总又没每跟放天被在今昨上读才说让把给]|回[来家]|同学)";
const BUSY = `(?![今这现每天晚早放经总真最前后太老又因为只可能会要想敢怕害心身手头眼回去受学同班哭书名都电知代先地座小多子儿孩闺昨连${FOLK}])`;
const RELATED = any(`${OWN}?家?的?[大小]?[表堂]?(?:${CHILD})`, `(?:${OWN}们?家里?|家里?(?=老))(?:老[大二三]|[大二]宝)?`, `(?:${OWN}|孩子)(?:[老外][公婆]|[${FOLK}娘儿]{1,2})`, "本人|在下|鄙人|犬子");

const WORD = "[a-z][a-z'-]{1,15}";
const CAPITAL = "[A-Z][a-zà-ÿ'-]{1,15}";
const ENGLISH = `${CAPITAL}(?: [A-Z][a-z'-]{1,15}){0,2}`;
/** Words that begin where a name could, and are none. */
const NO_NAME =
  /^(?:[ai]|the|in|on|at|not?|my|just|here|from|wh\w+|please|help|thank\w?|sorry|ok\w*|\w+[nmu]ese|again|\w{3,6}day|grade|class|year|[iw]s|was|m[rs]s?|all|lol|h(?:i|ello)|dear|also|never|still|s?he|and|over|school|but|really|very|afraid|scared|tired|gonna|done|lost|alone|hard|no(?:body|ne)|hey|stop|yes|mom|mum|dad|loser|any\w+|back|so|being)\b/i;
const isName = (value: string): boolean => !NO_NAME.test(value) && !/^[a-z]+(?:ed|ing)\b/.test(value);

// -- numbers ----------------------------------------------------------------------------------------

const GAP = "[ .·_/—–-]{0,2}";
/** As they are typed, or spelled. */
const DIGITS = "[\\d零〇幺一二三四五六七八九]";
const LOCAL = `[2-9]\\d{2,3}${GAP}\\d{4}`;
/** Stands between what a number is called and the number. */
const IS = "(?:id|num(?:ber)?|no|is|was|my|me|at|on|the|acc(?:ount)?|card|says|as|'s|[ :.#=,?(号码的后尾末三四六几位面就是叫搜上我记得为-]){0,9}";
const STUDENT = "[学考籍工证件卡生份牌](?:编?号|[证籍])|一卡通|园卡|\\bs(?:id|n)\\b|my id|(?:student|school|exam|entry|library|id) ?(?:id|no|num(?:ber)?|card)";
const CHAT = "[微薇威卫v][信星]|wechat|[wv]x|加我|qq|[扣球][扣球号:]|企鹅|泡泡|\\bq|抖音|weixin|xhs|快手|红[书薯]|微博|b站|蛋仔|的号(?!码)|游戏|王者|支付宝|\\buid|\\b(?:dy|ins(?:ta(?:gram)?)?|ig|snap(?:chat)?|discord|tiktok|douyin|skype|facebook|roblox|steam|account|line)";

/** A resident's number, by its last character (GB 11643). */
function isResident(value: string): boolean {
  // The weights are the powers of two modulo eleven, so the number may be read as one in base two. Its last may be a ten.
  return [...value.replace(/[^\dx]/gi, "")].reduce((all, digit) => (all * 2 + Number(digit.replace(/x/i, "10"))) % 11, 0) === 1;
}

// -- classes ----------------------------------------------------------------------------------------

const DIGIT = "[一二三四五六七八九十\\d]";
const BAN = "(?:班(?![车会主长倒])|中队)";
const ROOM = `[([]? ?(?:${DIGIT}{1,4}|[A-H]) ?[)\\]]? ?${BAN}`;
const LEVEL = any(`[初高大中小]${DIGIT}`, `${DIGIT}{1,2}年级?`, "(?:20)?\\d\\d级", `2\\d(?=${HAN}{2})`);
const TRACK = `(?:\\(?${N}{1,3}\\)?)?`;
const COUNT = "(?:\\d{1,3}|one|two|three|four|five|six)";
const GRADE = any(`(?:gr(?:ade)?|y(?:ea)?r|[gy]) ?${COUNT}`, "\\d{1,2}th grade");

// -- alone ------------------------------------------------------------------------------------------

const ONLY = "(?:只有?|[就只]剩下?|就|仅有?|[光单独])";
const WE = "(?:我?[^,。!?\\n我]{1,4}[和跟])?[我咱](?:们|[和跟][^,。!?\\n只就是]{1,5}?)?(?:自己|[一两三几]个?[人学生]{0,2}|俩|仨)?";
const SAW = "(?:[看听撞瞧碰]得?[见到]|见过|[可瞅]见|晓得|知道|目[击睹]|注意|清楚|作?证|录|拍|发现|在场)";
const SEES = `(?:${SAW}|敢说|没有?[睡走参]|在(?![乎意])|[看听知](?![不来])|[醒躲留]|路过|值日)[^,。!?\\n]{0,2}`;
const OTHER = "(?:一个)?(?:别的?|其他的?|[旁外]|第[二三]个?|任何)(?:人|同学|目击者)";
const NOBODY = "(?:no ?body|no[ -]?one)";
const PLACE = "(?:there|awake|around|home|in class|(?:in|at) the)";

type Holds = (value: string, before: string, after: string) => boolean;
/** What stands before, what is marked, whether capitals matter, and what else has to hold. */
type Rule = [kind: OwnKind, before: string, value: string, flags?: "" | "i", holds?: Holds];

/** The first that takes a place has it. */
const RULES: Rule[] = [
  ["mail", "", "[\\w.+-]{1,40}(?:@ ?| @ )[\\w-]{1,40}(?: ?[.。] ?[\\w-]{1,20}){1,4}"],
  ["id", `(?:${STUDENT})${IS}`, `[A-Z]{0,3}-?\\d(?:[ -]?\\d){0,20}x?(?!\\d)`, "i"],
  ["id", "^|\\D", `\\d(?:${GAP}\\d){16}${GAP}[\\dx](?![\\da-z])`, "i", isResident],
  ["account", `(?:${CHAT})${IS}`, `@?(?=[a-z._-]{0,19}\\d|[a-z]{1,12}[_.-][a-z])[a-z\\d][\\w.#-]{3,18}\\w(?!\\d)`, "i", isOurs],
  // Letters alone, where something says that an account follows and no sentence goes on.
  ["account", `(?:(?:${CHAT})(?:[号是叫搜:= ]|is|id){1,5}|微信)`, `[a-z]{5,20}(?!\\w| [a-z])`, "i", (value, before) => isName(value) && isOurs(value, before)],
  ["account", "", `(?:\\w{2,15}|${N}{1,5})#\\d{4}(?!\\d)`, "", isOurs],
  ["account", `(?:${CHAT})号?`, `(?:[\\w.]{2,14}|${N}{2,8})(?=,?就?是我(?!同|们))`, "i", isOurs],
  // By its looks alone: nothing else has such marks inside.
  ["account", "^|[^\\w@]", "@[a-z][\\w.]{3,20}|[a-z]\\w{0,15}[_#]\\w{2,15}", "i", isOurs],
  ["account", `(?:(?:${CHAT})(?:(?:账?号|昵称|名字?)?[叫:是]|昵?[名称]| ?@)|${HAN} ?id[是叫: ]{0,2})"?`, `(?![${STOP}人])[\\w.㐀-鿿]{2,14}`, "i", isOurs],
  ["phone", "^|\\D", `(?:\\+?86${GAP})?[1一幺]${GAP}(?![012])${DIGITS}(?:${GAP}${DIGITS}){9}(?!\\d)`],
  ["account", "^|\\W", `[a-z\\d][\\w-]{4,19}(?=[ ,]?(?:\\(|这?就?是?我的?|is my )(?:${CHAT}))`, "i", isName],
  ["phone", "^|[^\\dA-Za-z]", any(`\\(?0\\d{2,3}\\)?${GAP}${LOCAL}`, "\\+\\d(?:[ ()-]{0,2}\\d){8,13}") + "(?!\\d)"],
  ["phone", `(?:电话|座机|手机|phone|contact|landline|cell|mobile|(?:call|text) \\w{2,3})${IS}`, `\\(?${DIGITS}(?:[ ()-]{0,2}${DIGITS}){6,14}(?!\\d)`, "i"],
  ["phone", "(?:电话|座机)[^\\d\\n。!?]{1,12}", `${LOCAL}(?!\\d)`],
  // What is longer may stand farther off.
  ["id", `(?:${STUDENT})[^\\d\\n。!?]{0,12}?`, "[a-z]?\\d{4,9}-?\\d{1,4}(?!\\d)", "i"],

  ["account", `(?:${CHAT})[^\\d\\n。!?群]{0,12}`, "[1-9]\\d{5,11}(?!\\d)", "i", isOurs],
  ["account", "^|[^\\w@./-]", "[a-z][a-z._-]{1,12}\\d{3,8}[a-z]{0,3}(?![\\w.@])", "", isOurs],

  ["class", "", `${LEVEL}[ 的]{0,2}(?:${TRACK} ?${ROOM}|${N}{2}${BAN})`, "i", isOurClass],
  ["class", "^|[^\\d第]", `${DIGIT} ?(?:\\( ?${DIGIT}{1,3} ?\\)|[.·-]?${DIGIT}{1,3}) ?${BAN}`, "", isOurClass],
  ["class", "[我俺们子儿弟妹是在读上][ :]{0,2}", `(?!一个|[和隔])${N}{0,3}${ROOM}`, "", isOurClass],
  ["class", "", `(?:[一二三四五六七八九]\\d{1,2}|${DIGIT} ?\\(${DIGIT}{1,2}\\))(?=[的读,。 ]|$)`, "", isOurClass],
  ["class", "\\b", `(?:${GRADE}[ ,-]{0,2}(?:c(?:lass)? ?(?:${COUNT}|[a-h])\\b|\\(\\d{1,2}\\)|-\\d{1,2}\\b|[A-H]\\b)|class ?${COUNT}[a-z]?\\b)`, "i", isOurClass],
  ["class", "^|[,。 ]", `(?![和隔])${N}{0,3}${ROOM}(?=的?(?:[,。! ]|$))`, "", isOurClass],
  ["class", "\\b(?:in|class|form) ", "[1-4][A-K]\\b", "", isOurClass],
  ["class", "\\b", "(?:[PSFYK]?[5-9]|[PSFYK][1-4]|1[0-2])[A-F]\\b", "i", isOurClass],
  ["class", "", `(?:[Yy](?:(?:ea)?r)?|[Gg]rade) ?\\d{1,2} ${CAPITAL}`, "", isOurClass],
  ["class", "(?:班级|\\b(?:class|form|homeroom))(?: ?is|[ :是]){0,4}", "\\d{1,2}[.-]\\d{1,2}|\\d{1,2}-?[a-k]\\b|\\d{3}", "i", isOurClass],

  ["alone", "", any(
    `${ONLY}${WE}(?:还|能)?${SEES}`,
    `${ONLY}{1,2}我[^,。!?\\n被没不${FOLK}]{0,8}(?:${SAW}|在.{0,3}[里室上下边间房])`,
    "除了?[他她](?:们|俩)?[, ]?(?:就是?|只有|还有)我",
    "不知道我[也就还]?在|没[跟和对](?:[别旁]|任何|其他)人[说提讲]",
    `[一连]个?(?:[别外]人|.影)[都也]没`,
    `(?:${ONLY}(?=我[和跟们自一俩]|[他她][和跟])|[就只]剩下?)${WE}了?${END}`,
    `我是第一个${SAW}[^,。!?]{0,3}`,
    `除了?我(?:[和跟][^,。!?\\n]{1,6}?|一个?人|们?俩?)[以之]?外?[, ]{0,2}(?:[没冇]|谁[都也]?[不没]|在场|都是|全都?走)[^,。!?\\n]{0,6}`,
    `没有?(?:${OTHER}(?:${SEES}|了?${END})|(?:一个)?[人谁](?:看[见到](?!我)|在[场旁]|目睹|发现)|目击|证人)|(?:谁|人|大家)[都也]没有?${SAW}`,
    `(?:旁边|周围|现场)[都也]?(?:没有?(?:${OTHER}|人)|一个人[都也]?没有?)(?![帮理管敢])`,
    "[只就][跟和对]我?.{2,8}[说讲提]过|[只就独](?:有坐.{1,6}我才[看听]|经过我的?手|告诉[过了]?[我他她]|[跟和对给][我他她你](?:一个人)?[说讲看提]|[说讲发]给了?我)过?(?![别不])",
  )],
  ["alone", `${SAW}[^。!?\\n]{0,8}|在场的`, "(?:只有|就)我"],
  ["alone", "^|[^止]", `我一个?人${SAW}`],
  ["alone", "[里上边面场室廊所舍]", `(?:只有|就|只剩)我(?:${END}|一个人|自己)`],
  ["alone", "^|[^她你们他]是|[^是]", `唯一的?一?[个能]?还?${SEES}`],
  ["alone", "\\b", any(
    `(?:i?'?m|am|i was|were|[mu][es]|(?:my|our) \\w{1,12} (?:i|wa)s) (?:(?!not)\\w{3,9} )?(?:the )?(?:only|sole|the one) (?:\\w{3,9} )?(?:witness|(?:\\w{3,7})(?= (?:${PLACE}|left|(?:who|that) (?!(?:g[eo]t|d[io]|isn|ha|cr|eat|help|can'?t|never|they)|(?:wa|i)s (?!in|there|at|awake|still))|(?:s?he|they) (?:t(?:old|rust|alk)|s(?:howed|ent)))| ?$| ?[,.!]))`,
    `${NOBODY} (?:(?:else )?(?:saw|see|heard|notic|(?:was |is )?${PLACE})|else(?: knows?| knew| was| ?[.,!]| ?$))`,
    `no (?:other (?:pe|stud|kid)|(?:other )?witness)`,
    `only [^.,!?]{3,25} (?:is|was|are|were) me\\b|only (?:(?:i|me) and [^.,!?]{3,25}|[^.,!?]{2,25} and (?:i|me)) (?:know|knew|saw|heard|are|were)|and i are the only|(?:haven'?t|never) told any ?(?:one|body)`,
    `(?:just|only) (?:(?:\\w{1,15} ){1,3}and (?:me|i)\\b|(?:me|us) ?(?:and (?!my \\w+ [^iasntk])|two|saw|see|${PLACE}|[.,!]|$)|(?:the )?[tf]\\w{2,4} of us|(?:me|us) [^.,!?]{0,20}(?:saw|kn[eo]w))|\\b(?:no|any)\\w* [^.,!?]{0,25}(?:but|except|besides|apart from|other than) (?:me|us)\\b|only (?:to(?:ld)?|(?:showed|sent) [^.,]{2,16} to) (?:me|us)(?! (?:to|that))`,
    "every\\w{0,4}(?: else)? (?:had |has )?(?:left|gone)|to me alone|except for me|between (?:(?:s?he|him|her|you) and me|me and h\\w{1,4})\\b",
    `only (?:i|we) (?:can|kn[eo]w|saw|hear|was)`,
    "i was (?:\\w{3,5} )?(?:alone|by myself) (?:with|there|(?:in|at) the)",

  ), "i"],

  // A name the writer goes by, or a child of theirs, or near kin.
  ["name", `${OWN}(?:[ 就也]|真的?|其实|网上|姓.,)?名?叫(?:那个)?[ :,叫“"(…]{0,2}`, `${CALLED}${ANY}${OVER}`],
  ["name", `${OWN}[ 就也]?名?(?:叫|是(?=[a-z ]{4}))[ :“"]{0,2}`, `${CALLED}(?:${FULL}|[a-z]{2,12})`, "i"],
  ["name", "(?:[姓大小全本真原网文署留化签乳学起取]名|名字|[外绰]号|实名(?:举报|反映)?(?=:)|昵称|落款|[报系诉信映告请助]的?人|学生(?=:)),?(?:姓名|叫|就?是)?[ :“\"]{0,3}", `(?![叫是不里中姓保])(?:${ANY}|${CAPITAL})${OVER}`, "", isOurs],
  ["name", `(?:${OWN}|[贵鄙免人${FOLK}])姓`, `(?!名)${N}{1,2}${OVER}`],
  ["name", `[叫呼喊]${OWN}`, `${FULL}|${N}{2,3}(?=就|好了|吧)`],
  ["name", `(?:(?:[们家学班友生人${FOLK}]|都|背).{0,3}[叫喊称]我|被.{0,3}[叫喊称]|[叫喊念]成?我?[“"])[作做]?`, `(?![别到去给帮买写交滚站跪吃放拿跳一洗学名闭报忍把赔小废好坚${FOLK}]|${ROLE})${N}{2,4}`, "", isOurs],
  ...[OVER, ""].map((over): Rule => ["name", `(?:${RELATED})(?:名字)?[叫是]?[ (:,“"]{0,2}`, `${FULL}${over}${NOT_MINE}`]),
  ["name", `(?:${RELATED})(?:的?名字?|那个|[^。!?\\n他她]{0,14},)?叫|(?:^|:|${OWN}是)一个叫`, `${CALLED}${ANY}${OVER}`],
  ["name", `${OWN}(?:就|真的?|其实){0,2}[是系](?:[^,。!?\\n]{0,5}那个|[^,。!?\\n]{1,10}[的班])?|这[里边]是|本人`, `${WHO}(?=[,。!\\n]|$| |本人)`],
  ["name", RELATED, `${BUSY}${N}{2}${DOES}`],
  ["name", "(?:[他她]|[大小]的)(?:的?名字)?叫", `${FULL}${OVER}`, "", isOurs],
  ["name", `[作身]为|这[里边]是|${OWN}[就还]?[是系](?:[^,。!?\\n]{1,10}的)?|${ROOM}(?:的[^,。!?\\n]{0,4})?[ ,]?|学生[ :]{0,2}|家长[ :]{0,2}`, `${FULL}${OVER}${NOT_MINE}(?!的[^父母家外表堂${FOLK}])`, "", isOurs],
  ["name", "", `${FULL}(?=就是我${END}|这.?个?名字|这三个字)`],
  // As others say or write it: most of what is quoted is said to the writer.
  ["name", "[“\"「@]", `${FULL}(?=${END}|[${STOP}大早滚快去专站 ])`],
  ["name", "[“\"](?:hey )?", `(?:${ENGLISH})(?=,| (?:is|go|get|sit|come|you|has)\\b)`, "", isName],
  ["name", "^|[,。! ]", `(?!全班|学生|许多|很多|多位|[各几]位|班上)${N}{2,3}(?=[的他她]?${PARENT}(?:[,。!: 给写反留想又再让]|$))`],
  ["name", "(?:^|[,。!?. \\n])", `${N}{2,4}(?=,?(?:这?就?是我(?:本人|的.?名)|\\(.名| ?敬上|留$))`],
  ["name", `${OWN}(?:[^。!?,\\n]{0,16}的)?[,(]?`, `${FULL}(?=[,)。]|实名|今天)`],
  ["name", `${OWN}[就也]?[是系]|[作身]为|${ROOM}的?`, `(?!一?个|[^的]{0,4}(?:[孩学生班胎女]|儿子))${N}{2,4}(?=(?:同学)?[的他她]{0,2}${PARENT}${END})`],

  // A name that stands by itself, as under a letter.
  ["name", "(?:^|[\\s,。!])[—-]{1,2} ?", `${N}{2,4}(?=[\\s,]|$)`],
  ["name", "\\n {0,20}", `${N}{2,3}(?=\\s{0,3}$)`],
  ["name", "(?:^|[\\n,。!?.… ])[ —-]{0,20}找?", `${FULL}(?=\\s{0,3}$|[。\\n]|[, ] ?(?:[男女初高]|家长|${DIGIT}))`],
  ["name", `\\b(?:my|our) (?:${KIN}(?:'s)? )?(?:nick|\\w{4,7} )?names?(?: is|'s)? |^names |\\b(?:myself|wo jiao|it'?s me|me is|reporter:|signed[,:]) ?|\\b(?:h(?:i|ey)|hello)\\w?\\W{1,3}(?:i'?m|i am|this is|it'?s) |\\b(?:(?:can|just|please) call me|name:) |(?:^|[.,!] ?)call me `, `${WORD}(?: (?!and|from)[a-z'-]{2,15})?`, "i", isName],
  ["name", `\\b(?:(?:[Cc]all\\w{0,3}|\\w{0,4}named?) me |[Gg]o by |know\\w? (?:me )?as |(?:[Mm]y|[Oo]ur|have an?) ${KIN},? (?:is )?(?:(?:called|named) )?|(?:${KIN}|Mother|Father|Parent|[Ff]amily) (?:of|to) |[Aa]sk for |(?:[Nn]ick)?[Nn]ame(?: at \\w{1,8})?(?: is|'s|:)? ?)`, ENGLISH, "", (value, ...around) => isName(value) && isOurs(value, ...around)],
  ["name", "\\b(?:[Ii]'?m|[Ii] am|[Tt]his is|[Ii]t'?s)(?: called| me| the \\w{1,12} (?:girl|boy|kid|one))? ", `(?:${ENGLISH}|[a-z]{3,12}(?=,? (?:from|grade|class|btw|\\d)| (?:and (?:i|my)|again\\b)|,? (?:i'?m|i am) ))`, "", isName],
  ["name", `\\b(?:my|our) ${KIN},? `, "[a-z]{3,10}(?= (?:is|was|who|has|[gw]o\\w*|in|from|c[ao]\\w+|gets|had|told|does\\w*|keeps|never|cries|sa\\w+|didn\\w*|just|still|used|needs)\\b)", "i", isName],
  ["name", "(?:^|[.!,\\n]|\\b(?:[Ff]rom|[Tt]h\\w{1,4}|xo\\w*|student|\\w{3,8}ly)[,:]?) ?[~—-]{0,2} ?", `${ENGLISH}(?=[.\\s]{0,3}$|, (?:age )?(?:\\d|[CcGg][lr]a|[fm]\\w{4}r)| \\()`, "", isName],
  ["name", "\\b", `${CAPITAL}(?=(?: from \\w+)? here(?: again)? ?(?:[,.!]|$)|[.,] [Tt]hat(?:'?s| is) (?:me\\b|my (?:nick)?name)|'s ${KIN}(?: here| writ| again|[,.!]?$)| is my (?:\\w{4,5} )?name)`, "", isName],
  ["name", "\\b(?:th(?:an)?[xk]s?\\b|love|regards|cheers|sincerely|yours|from|please)[^.!,\\n]{0,20}[.!,\\n]{1,2} ?[~—-]{0,2} ?", `${WORD}$`, "i", isName],
  ["name", "\\b(?:me ?[,(]|I,) ?", `${ENGLISH}(?=[,.)]|$)`, "", isName],
];

const COMPILED = RULES.map(([kind, before, value, flags = "", holds]) => ({ kind, holds, pattern: new RegExp(`(${before})(${value})`, `g${flags}`) }));

/** Places that could give the writer away: in order, none over another. */
export function find(text: string): Found[] {
  const { read, at } = plain(text);
  const taken = new Uint8Array(read.length);
  const found: Found[] = [];
  for (const { kind, pattern, holds } of COMPILED) {
    pattern.lastIndex = 0;
    for (let match = pattern.exec(read); match; match = pattern.exec(read)) {
      const [, before = "", value = ""] = match;
      const start = match.index + before.length;
      const end = start + value.length;
      // Looked at from the next character on, for what is there may yet be found.
      pattern.lastIndex = match.index + 1;
      if (taken.subarray(start, end).includes(1) || (holds && !holds(value, read.slice(Math.max(0, start - 120), start), read.slice(end, end + 12)))) continue;
      pattern.lastIndex = end;
      taken.fill(1, start, end);
      found.push({ kind, start: Number(at[start]), end: Number(at[end - 1]) + 1 });
    }
  }
  return found.sort((a, b) => a.start - b.start);
}
