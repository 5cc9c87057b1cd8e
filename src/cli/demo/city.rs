//! The demo city as a table: invented names, none of a real place.

/// One line of the table.
pub(super) struct Entry {
    /// Full name.
    pub(super) name: &'static str,
    /// Pinyin initials, for the search.
    pub(super) initials: &'static str,
    pub(super) kind: Kind,
    /// Position of the parent in the table; the city names itself.
    pub(super) parent: usize,
    pub(super) staff: Staff,
}

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    City,
    County,
    Department,
    /// With its stage.
    School(&'static str),
}

/// Who works there.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Staff {
    /// A chair and a member.
    Bureau,
    /// Chair, two teachers, counsellor and parent, confirmed by the bureau.
    Committee,
    /// The same, but no list that the bureau confirmed.
    Unconfirmed,
    /// Nobody yet: the bureau reads its letters.
    Nobody,
}

const fn entry(
    name: &'static str,
    initials: &'static str,
    kind: Kind,
    parent: usize,
    staff: Staff,
) -> Entry {
    Entry {
        name,
        initials,
        kind,
        parent,
        staff,
    }
}

const fn school(
    name: &'static str,
    initials: &'static str,
    stage: &'static str,
    parent: usize,
) -> Entry {
    entry(name, initials, Kind::School(stage), parent, Staff::Nobody)
}

/// The city first, every parent before its children.
pub(super) const CITY: [Entry; 44] = [
    entry("云溪市教育局", "yxsjyj", Kind::City, 0, Staff::Bureau),
    entry("青杨区教育局", "qyqjyj", Kind::County, 0, Staff::Bureau),
    entry("白桦县教育局", "bhxjyj", Kind::County, 0, Staff::Bureau),
    entry(
        "云溪市人力资源和社会保障局",
        "yxsrlzyhshbzj",
        Kind::Department,
        0,
        Staff::Bureau,
    ),
    entry(
        "青杨路中学",
        "qylzx",
        Kind::School("junior"),
        1,
        Staff::Committee,
    ),
    entry(
        "松林小学",
        "slxx",
        Kind::School("primary"),
        1,
        Staff::Committee,
    ),
    entry(
        "河湾中学",
        "hwzx",
        Kind::School("junior"),
        2,
        Staff::Unconfirmed,
    ),
    entry(
        "云溪市第一中学",
        "yxsdyzx",
        Kind::School("senior"),
        0,
        Staff::Committee,
    ),
    entry(
        "云溪技师学院",
        "yxjsxy",
        Kind::School("technical"),
        3,
        Staff::Committee,
    ),
    school("柳树街小学", "lsjxx", "primary", 1),
    school("槐荫小学", "hyxx", "primary", 1),
    school("南门小学", "nmxx", "primary", 1),
    school("北门小学", "bmxx", "primary", 1),
    school("东关小学", "dgxx", "primary", 1),
    school("西关小学", "xgxx", "primary", 1),
    school("育红小学", "yhxx", "primary", 1),
    school("新桥小学", "xqxx", "primary", 1),
    school("梧桐小学", "wtxx", "primary", 1),
    school("银杏小学", "yinxingxx", "primary", 1),
    school("青杨区实验小学", "qyqsyxx", "primary", 1),
    school("新桥中学", "xqzx", "junior", 1),
    school("南门中学", "nmzx", "junior", 1),
    school("育才中学", "yczx", "junior", 1),
    school("青杨区第二中学", "qyqdezx", "junior", 1),
    school("青杨区第三中学", "qyqdszx", "junior", 1),
    school("青杨区高级中学", "qyqgjzx", "senior", 1),
    school("白桦县第一小学", "bhxdyxx", "primary", 2),
    school("白桦县第二小学", "bhxdexx", "primary", 2),
    school("白桦县第三小学", "bhxdsxx", "primary", 2),
    school("石桥镇小学", "sqzxx", "primary", 2),
    school("杨树沟小学", "ysgxx", "primary", 2),
    school("大榆树小学", "dysxx", "primary", 2),
    school("红旗镇小学", "hqzxx", "primary", 2),
    school("草原小学", "cyxx", "primary", 2),
    school("河湾小学", "hwxx", "primary", 2),
    school("白桦县初级中学", "bhxcjzx", "junior", 2),
    school("石桥镇中学", "sqzzx", "junior", 2),
    school("红旗镇中学", "hqzzx", "junior", 2),
    school("白桦县高级中学", "bhxgjzx", "senior", 2),
    school("白桦县蒙古族学校", "bhxmgzxx", "junior", 2),
    school("云溪市第二中学", "yxsdezx", "senior", 0),
    school("云溪市特殊教育学校", "yxstsjyxx", "primary", 0),
    school("云溪市外国语学校", "yxswgyxx", "junior", 0),
    school("云溪商贸技工学校", "yxsmjgxx", "technical", 3),
];

/// Roles of a school's five, in the order they sign in as.
pub(super) const COMMITTEE: [(u8, &str, &str); 5] = [
    (1, "chair", "周校长"),
    (3, "teacher1", "李敏"),
    (3, "teacher2", "王建国"),
    (5, "counsellor", "赵云峰"),
    (8, "parent", "孙家长"),
];

/// Roles of a bureau's two.
pub(super) const BUREAU: [(u8, &str, &str); 2] = [
    (20, "bureau-chair", "陈科长"),
    (21, "bureau-member", "刘静"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forty_schools_and_parents_first() {
        let schools = CITY
            .iter()
            .filter(|entry| matches!(entry.kind, Kind::School(_)))
            .count();
        assert_eq!(schools, 40);
        assert!(
            CITY.iter()
                .enumerate()
                .all(|(i, entry)| i == 0 || entry.parent < i)
        );
    }
}
