"""The families of the demo school, typed for it: no name belongs to anybody, none was copied from a list.

A line is `family name | children | guardians`. A child is a given name, f, m or x, and stories that attendance,
marks and behaviour tell about the child; a guardian is a relationship and a name.
"""

from __future__ import annotations

from dataclasses import dataclass

from exchange.demo.stories import Story
from students.models import Gender

GENDERS = {"f": Gender.FEMALE, "m": Gender.MALE, "x": Gender.OTHER}
RELATIONSHIPS = {
    "M": "Mother",
    "F": "Father",
    "SM": "Stepmother",
    "SF": "Stepfather",
    "GM": "Grandmother",
    "GF": "Grandfather",
    "A": "Aunt",
    "U": "Uncle",
    "C": "Foster carer",
}


@dataclass(frozen=True)
class Child:
    given_name: str
    gender: Gender
    stories: frozenset[Story]


@dataclass(frozen=True)
class Carer:
    name: str
    relationship: str


@dataclass(frozen=True)
class Family:
    """One or two children and the one or two guardians they share, the one to call first in front."""

    name: str
    children: tuple[Child, ...]
    carers: tuple[Carer, ...]


# Called when no guardian answers: (relationship, name).
CONTACTS = [
    ("Grandmother", "Rosmarie Amstutz"),
    ("Neighbour", "Wendell Ashworth"),
    ("Family friend", "Noor Al-Khatib"),
    ("Aunt", "Fiorella Conti"),
    ("Grandfather", "Stanisław Gajewski"),
    ("Uncle", "Desmond Obeng"),
    ("Neighbour", "Traudl Eichinger"),
    ("Family friend", "Marisol Quintero"),
    ("Childminder", "Hyacinth Bellamy"),
    ("Aunt", "Nilufar Karimova"),
    ("Grandmother", "Þóra Jónsdóttir"),
    ("Neighbour", "Lars-Erik Nygård"),
    ("Godmother", "Apollonia Ferreira"),
    ("Uncle", "Bao Trần"),
    ("Family friend", "Gwendolyn Prys"),
    ("Sister, grown up", "Tsehay Bekele"),
]
STREETS = [
    "Linden Avenue",
    "Mill Lane",
    "Station Road",
    "Orchard Close",
    "Harbour Street",
    "Chapel Hill",
    "Weavers' Row",
    "Castle View",
    "River Walk",
    "Observatory Road",
]


def read_families() -> list[Family]:
    """The families in the order in which their children get student ids."""
    return [read_family(line) for line in FAMILIES.strip().splitlines()]


def read_family(line: str) -> Family:
    name, children, carers = (part.strip() for part in line.split("|"))
    return Family(
        name,
        tuple(read_child(child.strip()) for child in children.split(",")),
        tuple(read_carer(carer.strip()) for carer in carers.split(",")),
    )


def read_child(words: str) -> Child:
    """The gender stands alone between the given name, which may have several words, and the stories."""
    parts = words.split()
    at = next(number for number, part in enumerate(parts) if part in GENDERS)
    stories = frozenset(Story(story) for story in parts[at + 1 :])
    return Child(" ".join(parts[:at]), GENDERS[parts[at]], stories)


def read_carer(words: str) -> Carer:
    letter, name = words.split(" ", 1)
    return Carer(name, RELATIONSHIPS[letter])


FAMILIES = """
Keller | Emil m late travels rising, Lena f weak | M Miriam Keller, F Andreas Keller
Okonkwo | Adaeze f | M Ifeoma Okonkwo, F Chukwudi Okonkwo
Dvořáková | Žofie f | M Petra Dvořáková
Nguyễn | Thị Minh Anh f | F Nguyễn Văn Hải, M Lê Thị Hoa
O'Rourke | Cillian m chronic | M Siobhán O'Rourke
Haddad | ليلى f | F Karim Haddad, M رنا حداد
Tshabalala | Sipho m | GM Nomvula Tshabalala
Featherstonehaugh-Papadopoulos | Maximiliana-Theodora f | M Persephone Papadopoulos, F Rupert Featherstonehaugh
Yılmaz | Elif f, Deniz m | M Ayşe Yılmaz, F Emre Yılmaz
Bergström | Åke m | M Ulrika Bergström, F Jens Bergström
Moreau | Zoë f wobbly falling | M Solène Moreau
Chaudhry | Bilal m late weak unruly | F Imran Chaudhry, M Saima Chaudhry
Lindqvist | Saga f rising | F Mats Lindqvist
Kowalczyk | Zuzanna f gifted, Michał m wobbly | M Agnieszka Kowalczyk, F Tomasz Kowalczyk
Abebe | Selam f competed | M Hirut Abebe
 | Wulandari f | M Sulastri, F Kuswanto
Rossi | Tommaso m chronic forgets | M Chiara Rossi, F Davide Rossi
Van der Meer | Pim m struggles | M Annelies van der Meer, F Joost van der Meer
Þorsteinsdóttir | Guðrún f | F Þorsteinn Eiríksson
Castillo Ibáñez | María José f | M Lucía Ibáñez, F Andrés Castillo
Nakamura | 葵 f gifted | M Yuko Nakamura, F Kenta Nakamura
Popescu | Ștefan m | M Ileana Popescu
Hoffmann | Greta f perfect gifted | M Silke Hoffmann, F Bernd Hoffmann
Diallo | Mamadou m, Fatoumata f late | M Aïssatou Diallo, F Ousmane Diallo
Fernandes | Beatriz f | M Teresa Fernandes, F Nuno Fernandes
Sørensen | Bjørn m left | M Kirsten Sørensen
Banerjee | Ishaan m | M Sudeshna Banerjee, F Arindam Banerjee
Murphy | Aoife f wobbly | M Gráinne Murphy, F Declan Murphy
Коваленко | Оксана f joined | M Ольга Коваленко
Schäfer | Jürgen m | F Günther Schäfer, SM Marlies Schäfer
Mbeki-Lawrence | Thandi f | M Nandi Mbeki, F Colin Lawrence
Petrov | Nikola m struggles | M Elena Petrova, F Stoyan Petrov
Andersen | Freja f chronic | M Mette Andersen
Kim | Seo-yeon f gifted | M Park Hye-jin, F Kim Dong-wook
D'Angelo | Matteo m wobbly, Ginevra f | M Federica D'Angelo, F Salvatore D'Angelo
Wanjiru | Achieng f | M Wambui Wanjiru
Novák | Vojtěch m | M Ivana Nováková, F Radek Novák
Haile | Yonas m | U Tesfaye Haile
Goldberg | Miriam f | M Tamar Goldberg, F Avi Goldberg
Bianchi | Alessia f | M Raffaella Bianchi
Ó Súilleabháin | Pádraig m late | M Bríd Uí Shúilleabháin, F Tadhg Ó Súilleabháin
Ahmed | Nasra f | M Hodan Ahmed, F Abdi Ahmed
Weiss | Luca m, Mara f | M Corinne Weiss, F Reto Weiss
Santos | Thiago m wobbly weak | M Vanessa Santos
Järvinen | Aino f | M Päivi Järvinen, F Timo Järvinen
Singh | Harpreet f | M Manjit Kaur, F Gurdeep Singh
Dupont-Lefèvre | Éloïse f | M Margaux Lefèvre, F Thibault Dupont
Mustafić | Amar m ill struggles | M Selma Mustafić
Clarke | Tyrone m severe struggles | GM Beverley Clarke
Li | 小明 m | M Zhou Min, F Li Qiang
Horvat | Dora f | M Sanja Horvat, F Zvonimir Horvat
Ribeiro | Gonçalo m, Leonor f wobbly | M Catarina Ribeiro, F Hugo Ribeiro
Jansen | Sanne f | M Marieke Jansen
Adeyemi | Oluwaseun m | M Folasade Adeyemi, F Babatunde Adeyemi
Fischer | Hannah f gifted | M Katrin Fischer, F Uwe Fischer
Nikolaidis | Eleni f chronic | M Sofia Nikolaidou
Iyer | Ananya f rising | M Lakshmi Iyer, F Raghav Iyer
MacDonald | Ewan m | F Fraser MacDonald, M Ailsa MacDonald
Szabó | Réka f weak | M Zsófia Szabó, F Gergő Szabó
Baptiste | Jean-Marc m wobbly | M Marie-Claire Baptiste
Hernández | Ximena f, Joaquín m | M Rosa Hernández, F Ignacio Hernández
Öztürk | Barış m | M Gülşen Öztürk
Graf | Nils m late | M Daniela Graf, F Stefan Graf
Teixeira | Mafalda f | M Sílvia Teixeira, F Paulo Teixeira
Mwangi | Kamau m | M Njeri Mwangi, F Peter Mwangi
Lundgren | Elsa f moved | M Charlotta Lundgren
Rahman | Tahmid m | M Nusrat Rahman, F Ashraful Rahman
Byrne | Niamh f | M Orla Byrne, F Cormac Byrne
Zieliński | Kacper m chronic falling unruly | M Dorota Zielińska
Vogel | Frieda f gifted | M Anja Vogel, F Holger Vogel
Amoah | Kwabena m | M Akosua Amoah, F Kofi Amoah
Laurent | Capucine f, Basile m | M Hélène Laurent, F Olivier Laurent
Tamm | Mihkel m wobbly | M Kadri Tamm
Gutiérrez | Sofía f | M Pilar Gutiérrez, F Rubén Gutiérrez
Hosseini | Parisa f | M Mahnaz Hosseini, F Reza Hosseini
Wright | Alfie m left | M Joanne Wright
Müller | Jonas m rising | M Sabine Müller, F Ralf Müller
Kaplan | Defne f | M Zeynep Kaplan, F Cem Kaplan
Owusu | Efua f wobbly | A Abena Owusu
Brandt | Henning m | M Wiebke Brandt, F Torben Brandt
Silvestri | Flavia f | M Ornella Silvestri, F Claudio Silvestri
Orlenko | Anastasia f, Dmitri m chronic | M Irina Orlenko
Meier | Ladina f | M Ursina Meier, F Gian Meier
Toure | Ibrahim m | F Sékou Toure, M Kadiatou Toure
Hughes | Cerys f | M Bethan Hughes, F Gethin Hughes
Ito | 陽翔 m gifted | M Naomi Ito
Fazekas | Bence m wobbly | M Orsolya Fazekas, F Attila Fazekas
Costa | Inês f ill | M Rita Costa, F Jorge Costa
El Amrani | Yasmine f | M Samira El Amrani, F Driss El Amrani
Eriksen | Sindre m | M Hilde Eriksen, F Geir Eriksen
Jovanović | Milica f late | M Jelena Jovanović
Mensah | Nii m falling | M Adjoa Mensah, F Ebo Mensah
Schneider | Klara f wobbly, Oskar m | M Birgit Schneider, F Dirk Schneider
Phiri | Chisomo x | M Grace Phiri
Lopes | Duarte m gifted | M Marta Lopes, F Filipe Lopes
Fraser | Isla f | M Morag Fraser, F Hamish Fraser
Bajwa | Simran f chronic | M Jasleen Bajwa, F Amrit Bajwa
Urbański | Oliwia f falling | M Justyna Urbańska
Krüger | Malte m | M Heike Krüger, F Detlef Krüger
Vasquez | Camila f moved | M Gabriela Vasquez, F Ernesto Vasquez
Ekström | Linus m | M Pernilla Ekström, F Håkan Ekström
Tanaka-Brown | Hana f rising | M Emi Tanaka, F Gareth Brown
Blanc | Maël m wobbly | M Aurélie Blanc
Chikwanha | Tariro f, Tendai m | M Rudo Chikwanha, F Farai Chikwanha
Nowicki | Jan m | M Beata Nowicka, F Krzysztof Nowicki
Steiner | Valentina f | M Regula Steiner, F Beat Steiner
Ryan | Oisín m chronic struggles | F Eamon Ryan
Karlsson | Tuva f | M Åsa Karlsson, F Peter Karlsson
Marković | Luka m forgets unruly | M Vesna Marković, F Goran Marković
Aziz | Zainab f wobbly | M Shirin Aziz
Pereira da Silva Albuquerque | Francisca f | M Mariana Albuquerque, F José Pereira da Silva
Bakker | Daan m late unruly | M Femke Bakker, F Ruben Bakker
Romero | Martina f | M Alba Romero
Osei | Kojo m chronic forgets | M Esi Osei, F Yaw Osei
Kraus | Matilda f, Anton m wobbly | M Verena Kraus, F Florian Kraus
Dimitrov | Kalina f ill | M Radka Dimitrova, F Boris Dimitrov
Walker | Amelia f | M Denise Walker, SF Trevor Mills
Sato | 結衣 f | M Keiko Sato, F Takashi Sato
Ferrari | Lorenzo m chronic | M Paola Ferrari
Danso | Afia f | M Yaa Danso, F Kwame Danso
Schmid | Robin x chronic struggles | M Esther Schmid, F Urs Schmid
Gallagher | Saoirse f wobbly | M Maeve Gallagher
Kurt | Mert m joined | M Hatice Kurt, F Orhan Kurt
Lehtonen | Eino m | M Riikka Lehtonen, F Jukka Lehtonen
Varga | Lili f | M Enikő Varga, F Zoltán Varga
Menon | Devika f away, Arjun m | M Shobha Menon, F Suresh Menon
Poulsen | Asger m wobbly | M Lone Poulsen
N'Diaye | Awa f | M Ndeye N'Diaye, F Cheikh N'Diaye
Richter | Theo m chronic | M Cornelia Richter, F Volker Richter
Azevedo | Madalena f | M Joana Azevedo, F Rodrigo Azevedo
Thompson | Kezia f weak | M Marcia Thompson
Wolf | Philipp m | C Gertrud Wolf, C Helmut Wolf
Simić | Teodora f wobbly | M Dragana Simić, F Nenad Simić
Zaugg | Björn m | M Barbara Zaugg, F Hans-Ueli Zaugg
Molina | Aitana f late falling unruly | M Nieves Molina, F Sergio Molina
Đặng | Bảo Ngọc f | M Đặng Thu Hà, F Phạm Quốc Việt
"""
