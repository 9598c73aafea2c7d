"""Countries and parts of them: names that place an event and mark none."""

from typing import Final

_LISTED: Final = """
    afghanistan | ala. | alabama | alaska | albania | alberta | algeria | allemagne | angola |
    argentina | ariz. | arizona | ark. | arkansas | armenia | australia | austria | azerbaijan |
    bahamas | bahrain | bangladesh | barbados | belarus | belgique | belgium | belize | benin |
    bhutan | bolivia | bosnia | bosnia and herzegovina | bosnia-herzegovina | botswana | brazil
    | britain | british columbia | brunei | bulgaria | burkina faso | burundi | calif. |
    california | cambodia | cameroon | canada | cape verde | central african republic | chad |
    chile | china | colo. | colombia | colorado | congo | conn. | connecticut | costa rica |
    crimea | croatia | cuba | cyprus | czech republic | czechia | d.c. | del. | delaware |
    democratic republic of congo | denmark | deutschland | djibouti | dominican republic | east
    timor | ecuador | egypt | el salvador | england | equatorial guinea | eritrea | espagne |
    españa | estonia | eswatini | ethiopia | fiji | finland | fla. | florida | france | francia
    | frankreich | ga. | gabon | gambia | gaza | gaza strip | georgia | germany | ghana | greece
    | greenland | guatemala | guinea | guinea-bissau | guyana | haiti | hawaii | honduras |
    hungary | iceland | idaho | ill. | illinois | ind. | india | indiana | indonesia | iowa |
    iran | iraq | iraqi kurdistan | ireland | israel | italia | italie | italien | italy | ivory
    coast | jamaica | japan | jordan | kan. | kansas | kashmir | kazakhstan | kentucky | kenya |
    kosovo | kuwait | ky. | kyrgyzstan | la. | laos | latvia | lebanon | lesotho | liban |
    liberia | libya | liechtenstein | lithuania | louisiana | luxembourg | ma. | madagascar |
    maine | malawi | malaysia | maldives | mali | malta | manitoba | maryland | mass. |
    massachusetts | mauritania | mauritius | md. | mexico | mich. | michigan | minn. | minnesota
    | miss. | mississippi | missouri | mo. | moldova | mongolia | mont. | montana | montenegro |
    morocco | mozambique | myanmar | méxico | n.c. | n.d. | n.h. | n.j. | n.m. | n.y. | namibia
    | neb. | nebraska | nepal | netherlands | nev. | nevada | new brunswick | new hampshire |
    new jersey | new mexico | new york | new zealand | newfoundland | nicaragua | niger |
    nigeria | north carolina | north dakota | north korea | north macedonia | northern ireland |
    norway | nova scotia | occupied east jerusalem | occupied west bank | ohio | okla. |
    oklahoma | oman | ont. | ontario | ore. | oregon | pa. | pakistan | palestine | panama |
    papua new guinea | paraguay | pennsylvania | peru | philippines | poland | portugal | puerto
    rico | qatar | que. | quebec | r.i. | republic of congo | rhode island | romania | russia |
    rwanda | s.c. | s.d. | samoa | saskatchewan | saudi arabia | schweiz | scotland | senegal |
    serbia | sierra leone | singapore | slovakia | slovenia | solomon islands | somalia |
    somaliland | south africa | south carolina | south dakota | south korea | south sudan |
    spain | sri lanka | sudan | suisse | suriname | sweden | switzerland | syria | taiwan |
    tajikistan | tanzania | tenn. | tennessee | texas | thailand | togo | tonga | trinidad and
    tobago | tunisia | turkey | turkiye | turkmenistan | türkiye | u.a.e. | u.k. | u.s. | uae |
    uganda | uk | ukraine | united arab emirates | united kingdom | united states | uruguay | us
    | usa | utah | uzbekistan | va. | vanuatu | vatican | venezuela | vermont | vietnam |
    virginia | vt. | w.va. | wales | wash. | west bank | west virginia | wis. | wisconsin | wyo.
    | wyoming | yemen | zambia | zimbabwe | österreich
"""
REGIONS: Final = frozenset(" ".join(name.split()) for name in _LISTED.split("|"))
"""Countries, and the states and provinces that follow a city in American usage, folded."""
