"""Kinds of titles: which ask or explain, which list."""

import pytest

from aggregator.stories import kinds


@pytest.mark.parametrize(
    "title",
    [
        "Why do presidents of Peru fall so soon?",
        "Ferry aground off Esbjerg: how the crew held out",
        "Ferry aground off Esbjerg - what we know so far",
        "Strike at the quays: what you need to know",
        "Here’s what travellers should do now",
        "The Ribe verdict, explained",
        "Five takeaways from the talks in Geneva",
        "A timeline of the Ribe inquiry",
        "In pictures: the storm at Esbjerg",
        "The storm at Esbjerg in pictures",
        "A look back at the Frisia Nova",
        "Inside the talks that ended the strike",
        "Analysis: the president has run out of friends",
        "The president has run out of friends – analysis",
        "Wer ist der neue Kapitän der Frisia Nova",
        "Fähre vor Esbjerg: Was wir über das Unglück wissen",
        "Kommentar: Der Hafen gehört allen",
        "Naufrage au large d’Esbjerg : ce que l’on sait",
        "Le port de Ribe en images",
        "Quién es el capitán del Frisia Nova",
        "Lo que se sabe del temporal en Esbjerg",
        "O que se sabe da tempestade em Esbjerg",
        "Tempesta a Esbjerg: cosa sappiamo",
        "Wat we weten over de storm bij Esbjerg",
        "Sztorm pod Esbjergiem: co wiemy",
        "Что известно о шторме у Эсбьерга",
        "Кто такой капитан «Фризии»",
    ],
)
def test_who_asks_or_explains_is_known(title):
    assert kinds.is_question(title)
    assert not kinds.is_service(title)


@pytest.mark.parametrize(
    "title",
    [
        "Ferry docks in Esbjerg after a night at anchor",
        "Dockers reject the plan and its four-month timeline",
        "Inside Track wins the Ribe derby",
        "Police say they know who cut the ropes",
        "Opinion polls put the dockers ahead",
        "Profile of the seabed shows a trench off Ribe",
        "Commentary team of the derby walks out",
        "Interview with captain airs on Sunday",
        "Trawler looks at ruin after the storm",
        "Qualified crews are wanted in Esbjerg",
        "Pictures of the storm win a prize",
    ],
)
def test_reports_do_not_explain(title):
    assert not kinds.is_question(title)


@pytest.mark.parametrize(
    "title",
    [
        "Who is the new captain? What to know of the strike. And, a storm off Ribe",
        "Ferry docks in Esbjerg. Plus, the bakers of Lyon",
    ],
)
def test_letters_that_tell_of_several_things_are_service(title):
    assert kinds.is_service(title)
