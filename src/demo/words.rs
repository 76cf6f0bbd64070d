//! The words that names are made of. Written for this program; companies, people and products are invented, mail
//! domains end in `.example`, and phone numbers are from ranges that no exchange connects.

/// A country that customers come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Region {
    China,
    Germany,
    States,
    Britain,
    France,
    Spain,
    Canada,
}

/// How many of a hundred customers come from where.
pub(super) const REGIONS: &[(Region, u32)] = &[
    (Region::China, 34),
    (Region::Germany, 20),
    (Region::States, 16),
    (Region::Britain, 10),
    (Region::France, 8),
    (Region::Spain, 7),
    (Region::Canada, 5),
];

/// A city, what a phone number there begins with (the rest are digits of a range kept for fiction), and streets.
pub(super) struct City {
    pub(super) name: &'static str,
    pub(super) phone: &'static str,
    /// Digits still free behind `phone`.
    pub(super) free: usize,
}

const fn city(name: &'static str, phone: &'static str, free: usize) -> City {
    City { name, phone, free }
}

impl Region {
    pub(super) fn country(self) -> &'static str {
        match self {
            Self::China => "China",
            Self::Germany => "Germany",
            Self::States => "United States",
            Self::Britain => "United Kingdom",
            Self::France => "France",
            Self::Spain => "Spain",
            Self::Canada => "Canada",
        }
    }

    pub(super) fn currency(self) -> &'static str {
        match self {
            Self::China => "CNY",
            Self::Germany | Self::France | Self::Spain => "EUR",
            Self::States => "USD",
            Self::Britain => "GBP",
            Self::Canada => "CAD",
        }
    }

    pub(super) fn language(self) -> &'static str {
        match self {
            Self::China => "zh",
            Self::Germany => "de",
            Self::France => "fr",
            Self::Spain => "es",
            Self::States | Self::Britain | Self::Canada => "en",
        }
    }

    pub(super) fn cities(self) -> &'static [City] {
        match self {
            Self::China => {
                const {
                    &[
                        city("上海", "+86 21 0550 ", 4),
                        city("北京", "+86 10 0550 ", 4),
                        city("深圳", "+86 755 0550 ", 4),
                        city("杭州", "+86 571 0550 ", 4),
                        city("成都", "+86 28 0550 ", 4),
                        city("苏州", "+86 512 0550 ", 4),
                        city("武汉", "+86 27 0550 ", 4),
                    ]
                }
            }
            Self::Germany => {
                const {
                    &[
                        city("Berlin", "+49 30 23125 ", 3),
                        city("Hamburg", "+49 40 66969 ", 3),
                        city("München", "+49 89 99998 ", 3),
                        city("Köln", "+49 221 4710 ", 3),
                        city("Frankfurt am Main", "+49 69 90009 ", 3),
                    ]
                }
            }
            Self::States => {
                const {
                    &[
                        city("Portland", "+1 503 555 01", 2),
                        city("Chicago", "+1 312 555 01", 2),
                        city("Austin", "+1 512 555 01", 2),
                        city("Boston", "+1 617 555 01", 2),
                        city("Denver", "+1 303 555 01", 2),
                    ]
                }
            }
            Self::Britain => {
                const {
                    &[
                        city("London", "+44 20 7946 0", 3),
                        city("Manchester", "+44 161 496 0", 3),
                        city("Edinburgh", "+44 131 496 0", 3),
                        city("Bristol", "+44 117 496 0", 3),
                    ]
                }
            }
            Self::France => {
                const {
                    &[
                        city("Paris", "+33 1 99 00 ", 4),
                        city("Lyon", "+33 4 65 71 ", 4),
                        city("Nantes", "+33 2 61 91 ", 4),
                        city("Lille", "+33 3 53 01 ", 4),
                    ]
                }
            }
            Self::Spain => {
                const {
                    &[
                        city("Madrid", "+34 010 555 ", 3),
                        city("Valencia", "+34 060 555 ", 3),
                        city("Bilbao", "+34 040 555 ", 3),
                    ]
                }
            }
            Self::Canada => {
                const {
                    &[
                        city("Toronto", "+1 416 555 01", 2),
                        city("Montréal", "+1 514 555 01", 2),
                        city("Vancouver", "+1 604 555 01", 2),
                    ]
                }
            }
        }
    }

    pub(super) fn streets(self) -> &'static [&'static str] {
        match self {
            Self::China => &["云杉路", "长河街", "望湖路", "春晓大道", "白鹭路", "青石巷"],
            Self::Germany => &["Lindenweg", "Am alten Speicher", "Gartenstraße", "Mühlengasse", "Hafenallee"],
            Self::States | Self::Canada => {
                &["Alder Street", "Foundry Avenue", "Lakeview Drive", "Orchard Road", "Third Street"]
            }
            Self::Britain => &["Mill Lane", "Cooper's Row", "Harbour Street", "Priory Road"],
            Self::France => &["rue des Tilleuls", "quai du Moulin", "avenue des Cèdres", "rue Basse"],
            Self::Spain => &["calle del Olmo", "avenida del Puerto", "calle Mayor", "plaza de la Fuente"],
        }
    }

    pub(super) fn families(self) -> &'static [&'static str] {
        match self {
            Self::China => FAMILIES_ZH,
            Self::Germany => FAMILIES_DE,
            Self::States | Self::Britain | Self::Canada => FAMILIES_EN,
            Self::France => FAMILIES_FR,
            Self::Spain => FAMILIES_ES,
        }
    }

    /// Given names of women, of men.
    pub(super) fn given(self) -> (&'static [&'static str], &'static [&'static str]) {
        match self {
            Self::China => (WOMEN_ZH, MEN_ZH),
            Self::Germany => (WOMEN_DE, MEN_DE),
            Self::States | Self::Britain | Self::Canada => (WOMEN_EN, MEN_EN),
            Self::France => (WOMEN_FR, MEN_FR),
            Self::Spain => (WOMEN_ES, MEN_ES),
        }
    }

    pub(super) fn titles(self) -> &'static [&'static str] {
        match self {
            Self::China => {
                &["采购经理", "行政总监", "财务主管", "运营经理", "总经理", "办公室主任", "IT 经理", "门店经理"]
            }
            Self::Germany => {
                &["Einkauf", "Office-Management", "Geschäftsführung", "IT-Leitung", "Buchhaltung", "Standortleitung"]
            }
            Self::France => &[
                "Responsable achats",
                "Office manager",
                "Direction générale",
                "Responsable informatique",
                "Comptabilité",
            ],
            Self::Spain => {
                &["Responsable de compras", "Gerencia", "Administración", "Responsable de sistemas", "Contabilidad"]
            }
            Self::States | Self::Britain | Self::Canada => &[
                "Head of Facilities",
                "Office Manager",
                "Purchasing Manager",
                "IT Lead",
                "Accounts Payable",
                "Managing Director",
                "Store Manager",
            ],
        }
    }
}

const FAMILIES_ZH: &[&str] = &[
    "王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴", "徐", "孙", "胡", "朱", "高", "林", "何", "郭", "马",
    "罗", "梁", "宋", "郑", "谢", "韩", "唐", "冯", "于", "董", "萧", "程", "曹", "袁", "邓", "许", "傅", "沈", "曾",
    "彭", "吕", "苏", "卢", "蒋", "蔡", "欧阳", "上官",
];
const WOMEN_ZH: &[&str] = &[
    "婷", "丽", "雪", "敏", "静", "晓雯", "欣怡", "思琪", "雨桐", "佳宁", "梦瑶", "若兰", "诗涵", "美玲", "秀英",
    "晓燕", "慧敏", "文静", "海燕", "子涵", "春梅", "雅琴", "玉洁", "晨曦",
];
const MEN_ZH: &[&str] = &[
    "伟", "强", "磊", "洋", "勇", "浩然", "子轩", "志远", "建国", "俊杰", "宇航", "明辉", "博文", "天佑", "国栋",
    "文博", "海涛", "立新", "家豪", "鹏飞", "嘉伟", "永康", "晓东", "一凡",
];
const FAMILIES_DE: &[&str] = &[
    "Müller",
    "Vogel",
    "Brandt",
    "Schröder",
    "Keller",
    "Lehmann",
    "Kühn",
    "Böhm",
    "Winter",
    "Jäger",
    "Roth",
    "Sommer",
    "Haas",
    "Pohl",
    "Krämer",
    "Ebert",
    "Hübner",
    "Voß",
    "Groß",
    "Albrecht",
    "Seidel",
    "Zöllner",
    "Marquardt",
    "Wieland",
    "Riedel",
];
const WOMEN_DE: &[&str] = &[
    "Petra",
    "Anja",
    "Katrin",
    "Jule",
    "Heike",
    "Svenja",
    "Greta",
    "Lena",
    "Bärbel",
    "Franziska",
    "Ute",
    "Miriam",
    "Käthe",
    "Nora",
];
const MEN_DE: &[&str] = &[
    "Jonas", "Lukas", "Jürgen", "Stefan", "Matthias", "Björn", "Felix", "Torsten", "Emil", "Uwe", "Henrik", "Götz",
    "Moritz", "Paul",
];
const FAMILIES_EN: &[&str] = &[
    "Whitfield",
    "O'Neil",
    "Carver",
    "Marsh",
    "Holloway",
    "Pryce",
    "Sutton",
    "Okafor",
    "Patel",
    "Bennett",
    "Novak",
    "Reyes",
    "Larkin",
    "Thorne",
    "Abbott",
    "Finch",
    "Delgado",
    "Hughes",
    "MacLeod",
    "Osei",
    "Quinn",
    "Rowe",
    "Sinclair",
    "Tran",
    "Underhill",
    "Vance",
    "Wilder",
    "Yates",
    "Ellery",
    "Cho",
];
const WOMEN_EN: &[&str] = &[
    "Grace", "Hannah", "Priya", "Maya", "Olivia", "Ruth", "Chloe", "Naomi", "Siobhán", "Imogen", "Tessa", "Keisha",
    "Ivy", "Paige", "Leila", "Joan",
];
const MEN_EN: &[&str] = &[
    "Daniel", "Marcus", "Owen", "Callum", "Theo", "Raj", "Samuel", "Victor", "Elias", "Graham", "Noel", "Desmond",
    "Patrick", "Hugh", "Wesley", "Ian",
];
const FAMILIES_FR: &[&str] = &[
    "Moreau",
    "Lefèvre",
    "Garnier",
    "Béranger",
    "Chevalier",
    "Faure",
    "Roussel",
    "Noël",
    "Marchand",
    "Perrin",
    "Gauthier",
    "Delorme",
    "Vidal",
    "Lacroix",
    "Besson",
];
const WOMEN_FR: &[&str] =
    &["Camille", "Élodie", "Manon", "Inès", "Chloé", "Aurélie", "Hélène", "Sylvie", "Margaux", "Solène"];
const MEN_FR: &[&str] = &["Julien", "Étienne", "Mathieu", "Loïc", "François", "Rémi", "Hugo", "Benoît", "Théo", "Yann"];
const FAMILIES_ES: &[&str] = &[
    "García", "Romero", "Núñez", "Ibáñez", "Serrano", "Molina", "Ortega", "Peña", "Vázquez", "Castaño", "Lozano",
    "Rubio", "Herrero", "Sáez",
];
const WOMEN_ES: &[&str] = &["Lucía", "Carmen", "Inés", "Marta", "Begoña", "Nerea", "Pilar", "Sofía", "Rocío", "Elena"];
const MEN_ES: &[&str] =
    &["Álvaro", "Javier", "Íñigo", "Pablo", "Andrés", "Sergio", "Martín", "Rubén", "Óscar", "Tomás"];

/// Two halves of an invented company name.
pub(super) const ROOTS: &[&str] = &[
    "Alder", "Brook", "Cedar", "Dorn", "Ember", "Fjord", "Glen", "Haven", "Iron", "Juniper", "Kern", "Linden", "Marl",
    "North", "Oster", "Pine", "Quill", "River", "Silver", "Tide", "Umber", "Vale", "Wester", "Yarrow", "Zephyr",
    "Amber", "Birken", "Clover", "Delta", "Ellis",
];
pub(super) const ENDINGS: &[&str] = &[
    "mark", "ford", "stein", "wick", "holm", "dale", "gate", "bridge", "field", "point", "mere", "haus", "crest",
    "land", "port", "ley",
];

/// Two halves of an invented Chinese company name.
pub(super) const ROOTS_ZH: &[&str] = &[
    "云", "远", "启", "恒", "盛", "嘉", "瑞", "博", "海", "天", "明", "华", "安", "金", "新", "联", "腾", "晨", "泰",
    "清", "宏", "星", "百", "永", "正", "德", "利", "润", "和", "丰",
];
pub(super) const ENDINGS_ZH: &[&str] =
    &["岭", "川", "航", "达", "源", "禾", "泽", "讯", "拓", "创", "石", "图", "信", "峰", "帆", "野"];

/// An industry: its name (English, Chinese), what a company in it adds to its name in English, German, French, Spanish
/// and Chinese.
pub(super) struct Industry {
    pub(super) name: &'static str,
    pub(super) name_zh: &'static str,
    pub(super) en: &'static str,
    pub(super) de: &'static str,
    pub(super) fr: &'static str,
    pub(super) es: &'static str,
    pub(super) zh: &'static str,
}

pub(super) const INDUSTRIES: &[Industry] = &[
    Industry {
        name: "Software",
        name_zh: "软件",
        en: "Software",
        de: "Software",
        fr: "Logiciels",
        es: "Software",
        zh: "软件",
    },
    Industry {
        name: "Logistics",
        name_zh: "物流",
        en: "Logistics",
        de: "Spedition",
        fr: "Transports",
        es: "Logística",
        zh: "物流",
    },
    Industry {
        name: "Retail",
        name_zh: "零售",
        en: "Stores",
        de: "Handel",
        fr: "Distribution",
        es: "Comercio",
        zh: "商贸",
    },
    Industry {
        name: "Hospitality",
        name_zh: "酒店餐饮",
        en: "Hotels",
        de: "Hotels",
        fr: "Hôtels",
        es: "Hoteles",
        zh: "酒店",
    },
    Industry {
        name: "Manufacturing",
        name_zh: "制造",
        en: "Works",
        de: "Maschinenbau",
        fr: "Industrie",
        es: "Industrias",
        zh: "机械",
    },
    Industry {
        name: "Healthcare",
        name_zh: "医疗",
        en: "Health",
        de: "Kliniken",
        fr: "Santé",
        es: "Salud",
        zh: "医疗",
    },
    Industry {
        name: "Education",
        name_zh: "教育",
        en: "Learning",
        de: "Akademie",
        fr: "Formation",
        es: "Educación",
        zh: "教育",
    },
    Industry {
        name: "Finance",
        name_zh: "金融",
        en: "Capital",
        de: "Finanz",
        fr: "Finance",
        es: "Finanzas",
        zh: "金融",
    },
    Industry {
        name: "Construction",
        name_zh: "建筑",
        en: "Builders",
        de: "Bau",
        fr: "Construction",
        es: "Obras",
        zh: "建设",
    },
    Industry { name: "Media", name_zh: "传媒", en: "Media", de: "Medien", fr: "Médias", es: "Medios", zh: "传媒" },
    Industry {
        name: "Energy", name_zh: "能源", en: "Energy", de: "Energie", fr: "Énergie", es: "Energía", zh: "能源"
    },
    Industry {
        name: "Food",
        name_zh: "食品",
        en: "Foods",
        de: "Feinkost",
        fr: "Alimentaire",
        es: "Alimentos",
        zh: "食品",
    },
];

/// What the demo's company sells: name, number, series, price in hundredths of a euro, description.
pub(super) const PRODUCTS: &[(&str, &str, &str, i64, &str)] = &[
    ("Tern One", "T-100", "Machines", 189_000, "Coffee machine for up to ten people. Fresh milk, one grinder."),
    ("Tern Duo", "T-200", "Machines", 349_000, "Two grinders, up to forty people. Mains water or tank."),
    (
        "Tern Pro 12",
        "T-312",
        "Machines",
        798_000,
        "For canteens and lobbies: 120 cups an hour, card reader as an option.",
    ),
    (
        "Tern Cart",
        "T-900",
        "Machines",
        1_120_000,
        "The Pro on wheels, with its own water and a battery for four hours.",
    ),
    ("Milk fridge", "A-110", "Accessories", 42_000, "Four litres at 4 °C, beside any Tern machine."),
    ("Cup warmer", "A-120", "Accessories", 29_000, "Sixty cups at 55 °C."),
    ("Card reader", "A-210", "Accessories", 54_000, "Contactless payment and staff badges."),
    ("Water filter set", "C-010", "Supplies", 7_900, "Six filters, a year's worth for an office of twenty."),
    ("House blend 10 kg", "C-101", "Supplies", 18_500, "Arabica and a little robusta, roasted each Tuesday."),
    ("Descaling kit", "C-020", "Supplies", 3_900, "Twelve tablets and a brush."),
    (
        "Fleet cloud",
        "S-001",
        "Services",
        1_900,
        "All machines on one page: fill levels, faults, cups a day. Per machine and month.",
    ),
    ("Care Silver", "S-010", "Services", 4_900, "Repair within three working days. Per machine and month."),
    (
        "Care Gold",
        "S-020",
        "Services",
        8_900,
        "Repair or replacement within 24 hours, yearly overhaul. Per machine and month.",
    ),
    ("On-site training", "S-100", "Services", 39_000, "Half a day for up to twelve people."),
];

/// How many of `PRODUCTS`, from the first, are machines that tickets can be about.
pub(super) const MACHINES: usize = 4;

/// The team: login, name, role, team (0 West, 1 China), language, zone. The head is whoever opened the demo.
pub(super) const STAFF: &[(&str, &str, &str, usize, &str, &str)] = &[
    ("ana", "Ana Keller", "manager", 0, "en", "Europe/Berlin"),
    ("tom", "Tom Whitfield", "sales", 0, "en", "Europe/London"),
    ("ines", "Inés Romero", "sales", 0, "en", "Europe/Madrid"),
    ("marcus", "Marcus Okafor", "support", 0, "en", "America/Chicago"),
    ("linxiao", "林晓", "sales", 1, "zh", "Asia/Shanghai"),
    ("chenyu", "陈宇", "sales", 1, "zh", "Asia/Shanghai"),
    ("zhouting", "周婷", "marketing", 1, "zh", "Asia/Shanghai"),
];

/// The head's team and the two below it.
pub(super) const TEAMS: [&str; 3] = ["Front office", "West", "中国区"];

pub(super) const SOURCES: &[&str] = &["Website", "Trade fair", "Referral", "Cold call", "Partner", "Newsletter"];
pub(super) const SOURCES_ZH: &[&str] = &["官网", "展会", "老客户介绍", "电话拓展", "合作伙伴", "公众号"];
pub(super) const CUSTOMER_TAGS: &[(&str, u32)] = &[
    ("vip", 9),
    ("newsletter", 20),
    ("reference", 6),
    ("key-account", 8),
    ("fair-2026", 10),
    ("重点客户", 6),
    ("slow-payer", 4),
];
pub(super) const TICKET_TAGS: &[(&str, u32)] = &[
    ("hardware", 14),
    ("billing", 12),
    ("app", 10),
    ("delivery", 10),
    ("vip", 5),
    ("waiting-parts", 5),
    ("发票", 5),
    ("warranty", 7),
];
