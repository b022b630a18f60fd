"""What provinces and prefectures of China are called beside their names. Knows spellings; knows no things."""

from __future__ import annotations

# By code, of provinces and of some prefectures: the spelling of the post office before 1958, short forms, what other writers
# use, and what the neighbours at their border write.
CALLED = {
    "140000": "Shansi",
    "150000": "内蒙 NMG IMAR NMAR Nei-Mongol Nei-Monggol Neimeng Inner-Mongol Southern-Mongolia Öbör-Mongol "
    "Mongolie-intérieure АРВМ Өвөр-Монголын ӨМӨЗО 내몽골 内モンゴル",
    "150700": "呼盟 Hulun-Buir",
    "150800": "巴盟",
    "150900": "乌盟",
    "152200": "Hinggan",
    "152500": "锡盟",
    "152900": "阿盟",
    "210000": "Fengtien Fengtian 奉天 Shengking",
    "220000": "Kirin Girin Gilin",
    "230000": "Heilungkiang Heilungchiang Heilongkiang",
    "232700": "Da-Hinggan-Ling Greater-Khingan Great-Khingan",
    "450000": "广西壮族 Kwangsi Kuangsi Guangsi GZAR GXZAR Gvangjsih Quảng-Tây",
    "520000": "Kweichow Kueichow",
    "530000": "Yünnan Yuennan Vân-Nam",
    "540000": "TAR Western-Tibet བོད Thibet Tibetan Xizang Sitsang Hsitsang Tibet-AR",
    "610000": "Shensi",
    "620000": "Kansu",
    "630000": "Tsinghai Chinghai Kokonor",
    "640000": "Ninghsia Ningsia NHAR",
    "652700": "博州",
    "652800": "巴州",
    "653000": "克州",
    "650000": "新疆维吾尔 新疆兵团 新疆生产建设兵团 Sinkiang Hsinkiang XUAR XJUAR Shinjang Chinese-Turkestan "
    "Eastern-Turkestan East-Turkestan East-Turkistan Ost-Turkestan Chinesisch-Turkestan "
    "Sinkiang-Uighur СУАР ШУАР Шыңжаң ШҰАР شىنجاڭ 新疆ウイグル",
}
# Regions of several provinces, as labels and papers of old have them: of one of these is meant that a thing lies in it.
REGIONS = {
    "Manchuria 东北 东三省 东北三省 Mandschurei Mandchourie Маньчжурия": "150000 210000 220000 230000",
    "Turkestan Turkistan 西域": "650000",
    "Suiyuan 绥远": "150000",
    "Chahar 察哈尔": "150000",
    "Jehol Rehe 热河": "150000 210000",
    "Sikang Xikang 西康": "540000",
    "Sungkiang 松江": "220000 230000",
    "Northeast-China North-East-China Dongbei": "150000 210000 220000 230000",
    "Southwest-China": "450000 520000 530000 540000",
    "Northwest-China 西北": "610000 620000 630000 640000 650000",
}
# The characters that stand for a province on number plates and in the press; too short to be a name by themselves.
CHARACTERS = {
    "140000": "晋",
    "150000": "蒙",
    "210000": "辽",
    "220000": "吉",
    "230000": "黑",
    "450000": "桂",
    "520000": "黔贵",
    "530000": "滇云",
    "540000": "藏",
    "610000": "陕秦",
    "620000": "甘陇",
    "630000": "青",
    "640000": "宁",
    "650000": "新",
}
# Provinces of the neighbours that touch China, by the country: the graph places what lies there by its country alone.
ABROAD = {
    "vietnam": "Quảng-Ninh Lạng-Sơn Cao-Bằng Hà-Giang Tuyên-Quang Lào-Cai Lai-Châu Điện-Biên 广宁 谅山 高平 河江 宣光 老街 莱州 奠边",
    "laos": "Luang-Namtha Louang-Namtha Phongsaly Phôngsali Oudomxay Bokeo 琅南塔 丰沙里 乌多姆赛 波乔",
    "myanmar": "Shan Northern-Shan Kachin 掸邦 克钦邦",
    "russia": "Primorsky Primorskiy Primorye Amur Amurskaya Khabarovsk Jewish Jewish-Autonomous Zabaykalsky Zabaikalsky Transbaikal "
    "Chita Chita-Region Читинская Приморский Амурская Хабаровский Забайкальский Еврейская Еврейская-автономная ЕАО JAO "
    "滨海边疆区 滨海边区 阿穆尔州 哈巴罗夫斯克边疆区 "
    "犹太自治州 外贝加尔边疆区 阿尔泰共和国 Altai-Republic Республика-Алтай",
    "mongolia": "Dornod Sükhbaatar Dornogovi Dornogobi East-Gobi Ömnögovi Umnugovi Umnugobi South-Gobi Bayankhongor Govi-Altai "
    "Gobi-Altai Khovd Hovd Bayan-Ölgii Дорнод Дорноговь Өмнөговь Ховд Баян-Өлгий Говь-Алтай Сүхбаатар Баянхонгор 苏赫巴托尔 东戈壁 "
    "南戈壁 巴彦洪戈尔 戈壁阿尔泰 科布多 巴彦乌列盖",
    "kazakhstan": "Almaty Jetisu Zhetysu Zhetisu Abai Abay East-Kazakhstan Алматы Жетісу Жетысу Абай Шығыс-Қазақстан "
    "Восточно-Казахстанская Алматинская Абайская Жетысуская 阿拉木图州 杰特苏州 阿拜州 东哈萨克斯坦",
    "kyrgyzstan": "Osh Naryn Issyk-Kul Ysyk-Köl Ош Нарын Ошская Нарынская Ысык-Көл Иссык-Кульская 奥什 纳伦 伊塞克湖",
    "tajikistan": "Gorno-Badakhshan GBAO Mountainous-Badakhshan Бадахшон Горно-Бадахшанская ГБАО 戈尔诺-巴达赫尚 山地巴达赫尚",
    "pakistan": "Gilgit-Baltistan Balochistan Khyber-Pakhtunkhwa 吉尔吉特-巴尔蒂斯坦",
    "nepal": "Bagmati Rasuwa Sindhupalchok Gandaki Karnali Koshi 巴格马蒂",
    "india": "Sikkim Uttarakhand Ladakh Arunachal 锡金",
    "north-korea": "North-Hamgyong North-Hamgyŏng North-Pyongan North-P'yŏngan Ryanggang Chagang Rason Hamgyongbuk Pyonganbuk "
    "Ryanggang-do Chagang-do Hamgyongbuk-do Pyonganbuk-do 함경북 평안북 량강 양강 자강 라선 나선 함경북도 평안북도 량강도 양강도 자강도 "
    "咸镜北道 平安北道 两江道 慈江道 罗先",
}
# What tables call the neighbours themselves, beside the names that the data has: short, former, official, in their own languages.
COUNTRIES = {
    "north-korea": "N.-Korea Korea,-North Korea-(North) DPR-Korea Korea-DPR Dem.-People's-Rep.-Korea Korea,-Dem.-People's-Rep. "
    "Korea-(Democratic-People's-Republic-of) Chosen 北朝鲜 北韩 조선 조선민주주의인민공화국 Bắc-Triều-Tiên",
    "russia": "Russian-Fed. 俄 俄国 俄联邦 РФ RF Российская-Федерация USSR Soviet-Union RSFSR "
    "СССР РСФСР Советский-Союз Russian-Far-East 苏联 Liên-bang-Nga 러시아",
    "mongolia": "Outer-Mongolia Монгол-Улс Mongol-Uls 蒙古人民共和国 Mongolian-People's-Republic MPR МНР БНМАУ 外蒙古 외몽골 몽골 Mông-Cổ",
    "kazakhstan": "Kazakstan 哈国 哈萨克 哈萨克斯坦共和国 РК Республика-Казахстан Kazakhstan-Republic Republic-of-Kazakhstan 카자흐스탄",
    "kyrgyzstan": "Kirghizstan Kirgizstan Kirghizia Киргизия Кыргызская-Республика Kyrgyz-Republic Republic-of-Kyrgyzstan 吉尔吉斯 吉国",
    "tajikistan": "Tadjikistan Republic-of-Tajikistan 塔吉克",
    "afghanistan": "Islamic-Republic-of-Afghanistan",
    "pakistan": "Islamic-Republic-of-Pakistan",
    "india": "Republic-of-India",
    "nepal": "Federal-Democratic-Republic-of-Nepal",
    "bhutan": "Kingdom-of-Bhutan",
    "myanmar": "Union-of-Myanmar Birma 缅甸联邦 缅甸联邦共和国 Upper-Burma Republic-of-the-Union-of-Myanmar 缅",
    "laos": "Lao-PDR Lao-P.D.R. Lao-People's-Democratic-Republic 寮国",
    "vietnam": "Tonkin Indochina French-Indochina SRV CHXHCN-Việt-Nam 越南社会主义共和国 "
    "S.R.-Vietnam SR-Vietnam Socialist-Republic-of-Vietnam 베트남",
}


def other_names(code: str) -> list[str]:
    """Return the names by which an area of a code is called, too."""
    return [name.replace("-", " ") for name in CALLED.get(code, "").split()]


def regions_of(code: str) -> list[str]:
    """Return the names of the regions that a province of a code is a part of."""
    names = " ".join(names for names, codes in REGIONS.items() if code in codes.split())
    return [name.replace("-", " ") for name in names.split()]


def provinces_abroad(country: str) -> list[str]:
    """Return the names of a neighbour, by its name after /id/, and of its provinces along the border."""
    names = f"{COUNTRIES.get(country, '')} {ABROAD.get(country, '')}"
    return [name.replace("-", " ") for name in names.split()]
