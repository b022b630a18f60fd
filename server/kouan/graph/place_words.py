"""Words for kinds of places in the languages of tables: Chinese, English and those of China's neighbours. Knows no names."""

from __future__ import annotations

from itertools import product

# What a name's ending says of the kind of thing it means; the longest that it has counts, so that 自治区 is not read as 区.
CHINESE = {
    "BorderEconomicCooperationZone": "边境经济合作区 边经区 国家级边境经济合作区 边境合作区 边合区",
    "CrossBorderEconomicCooperationZone": "跨境经济合作区 跨境合作区 跨合区 国际边境合作中心 边境合作中心 国际合作中心 合作中心",
    "CooperationZone": "经济合作区 合作区",
    "PilotZone": "重点开发开放试验区 国家重点开发开放试验区 沿边重点开发开放试验区 试验区",
    "BondedZone": "综合保税区 综保区",
    "ResidentsTradeZone": "边民互市贸易区 互市贸易区 边境贸易区",
    "FreeTradeZone": "片区 自贸片区 自贸区 自贸试验区 自由贸易区 自由贸易试验区",
    "Port": "口岸",
    "WaterPort": "港",
    "RailwayCrossing": "铁路过境通道",
    "CustomsOffice": "海关",
    "CityCluster": "城市群",
    "EconomicCorridor": "经济走廊 走廊",
    "Province": "壮族自治区 回族自治区 维吾尔自治区 自治区 省",
    "Prefecture": "自治州 地区 盟 州",
    "City": "市 县级市 地级市",
    "County": "自治县 县 旗 区",
    "Town": "镇 街道",
}
CHINESE_WAYS = {
    "": "Port",
    "陆路": "LandPort",
    "铁路": "RailPort",
    "公路": "RoadPort",
    "水运": "WaterPort",
    "水路": "WaterPort",
    "航空": "AirPort",
}
CHINESE_SCOPES = ("", "国际", "边境", "国家级", "一类", "国家一类", "二类")
ENGLISH = {
    "BorderEconomicCooperationZone": "border economic cooperation zone|border economic cooperation area|becz",
    "CrossBorderEconomicCooperationZone": "cross-border economic cooperation zone|cross-border cooperation zone|cross-border zone|cbecz|"
    "international border cooperation center|"
    "international border cooperation centre|border cooperation center|border cooperation centre|cooperation center|cooperation centre|"
    "international center for boundary cooperation|international centre for boundary cooperation",
    "CooperationZone": "economic cooperation zone",
    "PilotZone": "key pilot zone for development and opening up|key development and opening-up pilot zone|"
    "development and opening-up pilot zone|pilot zone",
    "BondedZone": "comprehensive bonded zone|bonded zone",
    "ResidentsTradeZone": "residents' trade zone|border trade zone",
    "FreeTradeZone": "free trade zone|free-trade zone|pilot free trade zone|ftz",
    "CityCluster": "city cluster",
    "EconomicCorridor": "economic corridor|corridor",
    "RailPort": "rail port",
    "RoadPort": "road port",
    "WaterPort": "seaport|harbour|harbor",
    "AirPort": "airport",
    "Port": "port|port of entry|border crossing point|border crossing|border checkpoint|"
    "border station|border gate|gate|border post|crossing|checkpoint|pass|kouan|kou'an|kou an",
    "RailwayCrossing": "railway crossing|rail crossing",
    "CustomsOffice": "customs",
    "Province": "province|prov|autonomous region|sheng",
    "Prefecture": "prefecture|autonomous prefecture|pref|league|diqu|zizhizhou|zhou|meng",
    "City": "prefecture-level city|county-level city|municipality|city|shi|shih",
    "County": "county|autonomous county|co|xian|hsien|zizhixian|district|qu|banner|autonomous banner|qi|zizhiqi|dzong|jong",
    "Town": "town|township|subdistrict|zhen|chzhen|jiedao",
}
# What stands before the word for a port says which sort it is of, and what else ports are called says nothing of it;
# Alataw Pass and its port have one name.
ENGLISH_WAYS = {
    "railway": "RailPort",
    "rail": "RailPort",
    "road": "RoadPort",
    "highway": "RoadPort",
    "water": "WaterPort",
    "river": "WaterPort",
    "sea": "WaterPort",
    "air": "AirPort",
    "land": "LandPort",
    "dry": "LandPort",
}
SAID_OF_PORTS = ("international", "national", "bilateral", "border", "main", "city", "pass")
# Words of other languages by the English one, which the sorts of counties are known by. They stand behind the name or before it.
OTHERS = {
    "rail port": "ждпп|ж/д пункт пропуска|железнодорожный пункт пропуска",
    "road port": "автомобильный пункт пропуска|автодорожный пункт пропуска|дапп|апп",
    "port": "пункт пропуска|международный пункт пропуска|мапп|кпп|погранпереход|пограничный переход|порт|боомт|boomt|ئېغىزى|"
    "өткізу пункті|өткөрүү пункту|cửa khẩu|cửa khẩu quốc tế|cửa khẩu quốc gia|cửa khẩu chính|cửa khẩu phụ|"
    # Customs papers leave the marks out.
    "cua khau|cua khau quoc te|cua khau quoc gia|cua khau chinh|cua khau phu",
    "customs": "таможня|гааль",
    "city": "город|г.|городской уезд|городской округ|хот|khot|қаласы|шаары|shaary|شەھىرى|شەھىر|shehiri|shehir|"
    "thành phố|thị xã|thanh pho|thi xa|tp|tp.",
    "county": "уезд|ауданы|ناھىيىسى|nahiyisi|huyện",
    "autonomous county": "автономный уезд|ئاپتونوم ناھىيىسى|aptonom nahiyisi",
    "district": "район|дүүрэг|رايونى|quận",
    "banner": "хошун|хошуу|khoshuu",
    "town": "بازىرى|baziri|قالاشىعى",
    "prefecture": "округ|автономный округ|аймак|аймаг|aimag|аймағы|автономиялы облысы|ۋىلايىتى|wilayiti|ئاپتونوم ئوبلاستى|"
    "aptonom oblasti",
    "province": "провинция|автономный район|өөртөө засах орон|ئاپتونوم رايونى|aptonom rayoni|tỉnh",
}
# English words that stand before the name, too, with what parts them from it.
BEFORE = {
    "city": "city of",
    "county": "county of",
    "prefecture": "prefecture of",
    "district": "district of",
    "province": "province of",
}
# Korean writes the word for a kind without a space.
KOREAN = {
    "통상구": "port",
    "세관": "customs",
    "자치주": "prefecture",
    "자치현": "autonomous county",
    "현": "county",
    "시": "city",
    "군": "county",
    "도": "province",
    "성": "province",
    "자치구": "province",
}
# Tibetan writes a point between all syllables, and a stroke behind the last.
TIBETAN = {"གྲོང་ཁྱེར": "city", "རྫོང": "county", "ས་ཁུལ": "prefecture"}
# Of one syllable and this the name is a city's: Long Zhou is 龙州, Dehong Zhou a prefecture.
OF_LONGER_NAMES = {"zhou", "meng"}
# Kinds of counties that one name can tell apart: 河口区 and 河口县 are two places.
SORTS = {
    "district": ("区", "district", "qu"),
    "county": ("县", "自治县", "county", "xian", "hsien", "autonomous county", "zizhixian"),
    "banner": ("旗", "banner", "qi", "autonomous banner", "zizhiqi"),
}


def _longest_first(kinds: dict[str, str]) -> dict[str, str]:
    return dict(sorted(kinds.items(), key=lambda each: -len(each[0])))


CHINESE_ENDINGS = _longest_first(
    {word: kind for kind, words in CHINESE.items() for word in words.split()}
    | {f"{far}{way}口岸": kind for far, (way, kind) in product(CHINESE_SCOPES, CHINESE_WAYS.items())}
    | {f"{way}{far}口岸": kind for far, (way, kind) in product(CHINESE_SCOPES, CHINESE_WAYS.items())}
)
_ENGLISH = {word: kind for kind, words in ENGLISH.items() for word in words.split("|")}
# The English word that a word of another language stands for.
MEANT = {word: english for english, words in OTHERS.items() for word in words.split("|")}
LETTER_ENDINGS = _longest_first(_ENGLISH | {word: _ENGLISH[english] for word, english in MEANT.items()})
PORTS = {"Port", "RailPort", "RoadPort", "WaterPort", "AirPort", "LandPort"}
# A port by land is one by rail or by road, which a port by water is not.
WIDER = {"LandPort": ("RailPort", "RoadPort")}
# What is a zone by its kind, whose names have the countries of it as often as not: 中老磨憨—磨丁经济合作区.
ZONES = {"BorderEconomicCooperationZone", "CrossBorderEconomicCooperationZone", "CooperationZone", "ResidentsTradeZone"}


def county_sort(ending: str) -> str:
    """Return which of the kinds of counties an ending means, or ""."""
    word = MEANT.get(ending, ending)
    return next((sort for sort, endings in SORTS.items() if word in endings), "")
