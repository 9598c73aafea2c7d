"""What datelines are made of: cities that need no explanation, regions that explain, agencies."""


def _names(listed: str) -> frozenset[str]:
    return frozenset(" ".join(name.split()) for name in listed.split("|"))


CITIES = _names(
    """
    abidjan | abu dhabi | abuja | accra | addis ababa | aden | aleppo | alexandria | algiers |
    almaty | amman | amsterdam | ankara | antananarivo | ashgabat | asmara | astana | asunción |
    athens | athènes | atlanta | auckland | baghdad | baku | baltimore | bamako | bangkok |
    bangui | banjul | barcelona | basel | basra | beijing | beirut | belgrade | bengaluru |
    berlin | bern | bethlehem | bishkek | bogota | bogotá | boston | brasilia | brasília |
    bratislava | brazzaville | bruselas | brussels | bruxelles | bucharest | budapest | buenos
    aires | bujumbura | cairo | canberra | cape town | caracas | casablanca | chennai | chicago
    | chisinau | cincinnati | ciudad de méxico | cleveland | cologne | colombo | conakry |
    copenhagen | dakar | dallas | damascus | dar es salaam | davos | delhi | denver | detroit |
    dhaka | djibouti | doha | dubai | dublin | dushanbe | düsseldorf | edinburgh | erbil |
    frankfurt | freetown | gaborone | gaza | gaza city | geneva | genf | ginebra | guatemala
    city | haifa | hamburg | hanoi | harare | havana | hebron | helsinki | ho chi minh city |
    hong kong | honolulu | houston | hyderabad | idlib | indianapolis | islamabad | istanbul |
    jakarta | jeddah | jenin | jerusalem | johannesburg | juba | kabul | kairo | kampala |
    karachi | kathmandu | kharkiv | khartoum | kherson | kiev | kigali | kingston | kinshasa |
    kolkata | kopenhagen | kuala lumpur | kuwait city | kyiv | kyoto | köln | la habana | la paz
    | lagos | lahore | las vegas | le caire | leipzig | libreville | lilongwe | lima | lisboa |
    lisbon | lissabon | ljubljana | london | londres | los angeles | luanda | lusaka |
    luxembourg | lviv | lyon | madrid | mailand | managua | manama | manila | maputo | marseille
    | mexico city | miami | milan | milwaukee | minneapolis | minsk | mogadishu | monaco |
    monrovia | montevideo | montreal | moscou | moscow | moscú | moskau | mosul | mumbai |
    munich | muscat | münchen | nablus | nairobi | neu-delhi | new delhi | new orleans | new
    york | niamey | nicosia | nouakchott | nueva york | odesa | oklahoma city | osaka | oslo |
    ottawa | panama city | paris | parís | peking | pekín | peshawar | philadelphia | phnom penh
    | phoenix | pittsburgh | port moresby | port-au-prince | potsdam | prag | prague | pretoria
    | pristina | pyongyang | pékin | quebec city | quetta | quito | rabat | rafah | ramallah |
    rangoon | rawalpindi | reykjavik | riga | rio de janeiro | riyadh | roma | rome | salt
    lake city | san antonio | san diego | san francisco | san josé | san salvador | sanaa |
    santiago | santo domingo | sao paulo | sarajevo | seattle | seoul | shanghai | singapore |
    skopje | sofia | srinagar | st. louis | st. petersburg | stockholm | strasbourg | stuttgart
    | sydney | são paulo | taipei | tallinn | tashkent | tbilisi | tegucigalpa | tehran | tel
    aviv | the hague | tirana | tokio | tokyo | toronto | tripoli | tunis | ulaanbaatar | united
    nations | valletta | vancouver | varsovia | varsovie | vatican city | venice | vienna |
    vientiane | vilnius | warsaw | warschau | washington | wien | windhoek | yangon | yaoundé |
    yerevan | zagreb | zurich | zürich | анкара | берлин | вашингтон | женева | киев | лондон |
    минск | москва | нью-йорк | париж | пекин | санкт-петербург
    """
)
"""Cities that open a report without a country (AP Stylebook, datelines; capitals), folded."""

AGENCIES = _names(
    """
    aap | afp | agi | ani | anp | ansa | ap | apa | associated press | ats | belga |
    bloomberg | bns | bta | business wire | cna | cnn | cns | ctk | dapd | dpa | dpa-afx |
    efe | epd | globe newswire | hina | ians | interfax | ips | irna | jns | jta | kna | kyodo |
    lusa | mti | ntb | pap | pr newswire | prnewswire | pti | reuters | rfe/rl | ria | rns
    | sana | sda | sid | stt | tasr | tass | the associated press | the canadian press | thomson
    reuters foundation | tns | ukrinform | unb | unian | upi | voa | wafa | xinhua | yonhap
    | белта | бта | иа регнум | интерфакс | прайм | риа | риа новости | росбалт | спутник | тасс
    | укринформ | униан | унн
    """
)
"""News agencies that are believed without a place in capitals before them, folded."""

LABELS = _names(
    """
    advertisement | analysis | breaking | column | correction | editorial | exclusive | explained |
    explainer | fact | interview | just | listen | live | news | note | opinion | photo | photos |
    podcast | poll | quiz | read | recap | review | spoiler | sponsored | update | updated | video |
    warning | watch
    """
)
"""Words in capitals that open texts and are no places, folded."""
