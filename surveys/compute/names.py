"""Names that are common in Sweden, for masking: a few hundred of each kind, in small letters.

Not complete and not meant to be: the rules of `masking` find most of the others. Names that are ordinary words, too,
stand apart.
"""

_GIVEN = """
    abbas abdi abdirahman abdul abdullah abdulrahman adam adelina agnes agneta agnieszka ahmad ahmed aida ailin
    aino aisha albert albin aleksander aleksandra alen alexander alexandra alexia alfred alice alicia alina alma
    althea alvin amal amanda amelia amina amir amira amra anders andrea andreas andrzej anette angela angelica
    anita anja ann anna anne annelie annette annica annie annika anton antonia aram arash arman arvid asma astrid
    aurora ayse azra barbara barbro beata bengt benjamin berit bertil birger birgit birgitta bodil boris
    britt britta camilla carina carl carlos caroline catarina catharina cecilia charlotta charlotte christer
    christian christina christoffer christopher claes conny cornelia dagmar daniel daniela danijela dariusz david
    denise dennis diana dick dragan ebba eddie edit edith edvin edward elena eleonor eleonora eli elias elif elin
    elina elisa elisabet elisabeth elise elizabeth elsa elsie elvira emelie emil emilia emily emma emmanuel enver
    eric ericka erik erika eskil eva evelina evert ewa fabian fadi fadumo farah farhad farid fatima fatma fatmata
    felicia felix ferdinand filip filippa folke frans fredrik fredrika frida gabriel gabriella georg george gerd
    gerda gert gisela gita goran greger greta gunborg gunhild gunilla gunnar gunnel gunvor gustaf gustav göran
    gösta göte habib hadi halima hamid hamza hanan hanna hannah hannes harald harry hasan hassan hedda hedvig
    helen helena helene helge henning henric henrik henry herbert hilda hilma hjalmar hodan holger hugo hussein
    håkan ibrahim ida idris ilona ilse imran ines ingalill ingegerd ingela ingemar ingmar ingrid ingvar
    ingvor irena irene irina isa isabel isabell isabella isabelle isak ismail ivan ivana ivar iwona jacob jakob
    jamal jamila jane janet jani janina janne jasmin jasmina jasmine jeanette jelena jennie jennifer jenny jens
    jerker jerzy jesper jessica jimmy joakim joel johan johanna johannes john johnny jonas jonathan jonna josef
    josefin josefina josefine joseph juan judit julia juliana julie jörgen kalle karim karin karina karolina
    katarina katarzyna kate katja kemal kenneth kenny kent kerstin kevin khadija khadra khaled khalid kjell klas
    konrad krister kristian kristina kristofer kristoffer krzysztof laila lamin lars lasse laura leif leila lena
    leo leon leonard liam lidia lilian lilly linn linnea linnéa linus lisa lisbet lisbeth liselott lotta louise
    lovisa lucas ludvig luka lukas lydia madeleine magdalena magnus mahad mahmoud maja majken malgorzata malin
    malte mansour marcus margareta margaretha maria mariam mariana mariann marianne marica marie marika marita
    marko markus marta martin martina maryam mathias mathilda matilda mats matteo mattias maud maurits maximilian
    mehdi mehmet melissa melker melvin meryem micael michael michaela michelle miguel mikael mikaela milad milan
    milena milica milo minna mira mirjam mirsad moa mohamad mohamed mohammad mohammed mohamud monica monika morgan
    mostafa muhammad mukhtar muna murat mustafa mårten märit märta nada nadia nadja naima nasrin natalia natalie
    nathalie niclas nicolas nicole niklas nikola nikolina nils nina noah noel noor nora nour oksana olena olga
    oliver olivia olle olof olov omar osama oscar oskar osman ossian ove paola parisa patricia patricija patrik
    paul paula paulina peder pedro pelle pernilla peter petra petter philip pia pierre piotr pontus rachel ragnar
    ragnhild rahma raija ramona rania rasmus rauno rebecca rebecka reijo reza richard rickard rikard ritva robert
    robin rodrigo roger roland rolf ronny roza ruben rune rustam saad sabina sabrina salim sally salma sami samir
    samira samuel sandra sanja santiago sara sarah sebastian selma senada serhii shahin sharif shirin sigbritt
    signe sigrid sigvard simon simone siri sixten sofia sofie solveig sonja sophia sophie staffan stanislaw stefan
    stellan sture sune susan susanna susanne svante svea svetlana sylvia sören tamara tanja tarek tariq tatiana
    ted teodor teresa tereza therese thomas thor thorbjörn tilda tilde timo tobias tomas tomasz tommy tony
    torbjörn tord torsten tove tuva tyra tyrone ulf ulla ulrica ulrika ursula uwe valdemar valentina valter
    vanessa vanja vendela veronica veronika victor victoria vidar viggo viktor viktoria vilgot vilhelm vilma
    vincent viveca viveka vladimir volodymyr walter wilhelm william wilma xavier yasin yasmin yasmine ylva yngve
    yousef youssef yusuf yvonne zahra zainab zara zaynab zeinab zlatan zlatko zoran åke åsa örjan östen
"""

# Words in small letters, too, or parts of such, that hardly ever begin a sentence.
_GIVEN_WITH_CAPITAL = """
    ali allan alva axel bella bill björn carin clara disa ella elof embla erling esbjörn ester freja hamdi hampus
    hedi imam iman jan karl kim kurt lea leija lina linda lova lykke marina mila molly mona mosa nell ola
    otto rita ronja roy ruth said sana sima siv stella stina sven sverre tina tindra tora tova ture ulrik vera
"""

# Words that may as well begin a sentence: “Per person …”, “Inger förtroende”.
_GIVEN_THAT_ARE_WORDS = """
    ask august bo bror dag dan del frank gun hans hope ia inga
    inger iris joy kaj karo klara liv lo love lucia maj mark max may
    my nova pan per pål ros rosa rose rut saga salam sanna sol sten stig svan tage tea tim tor tore urban vide
    viola vår
"""

_FAMILY = """
    abdi abdullahi abrahamsson adolfsson ahlberg ahlström ahmadi ahmed ahmeti alfredsson almgren almqvist alvarez
    andersen andersson antonsson arvidsson asplund axelsson babic backlund backman begic bengtsson berggren
    bergkvist berglund bergman bergqvist bergstrand bergström bernhardsson bertilsson björklund björkman blomberg
    blomkvist blomqvist boman boström brandt bäckman bäckström carlsson carlström chavez christensen christiansson
    claesson dahlberg dahlgren dahlin dahlström danielsson davidsson demir dimitrov edlund edström eklund ekman
    ekström eliasson engström ericsson eriksson erlandsson fagerström farah fernandez forsberg forslund forsman
    fransson fredriksson friberg garcia gonzalez grahn granath granberg gustafsson gustavsson göransson haddad
    hadzic haji hallberg hallgren hansen hansson hassan hedberg hedlund hedman hedström hellberg hellgren
    hellström henriksson hermansson hernandez hjalmarsson hodzic hoffman holgersson holmberg holmgren holmqvist
    holmström hosseini hussein håkansson hägglund högberg höglund ibrahim ibrahimovic ingvarsson isaksson islam
    ivarsson jakobsson jansson jensen johannesson johansson johnsson jonasson jonsson josefsson jovanovic jönsson
    jørgensen kaplan karimi karlsson karlström khalil kjellberg kjellström knutsson kovacevic kovacs kowalska
    kowalski krantz kristensson kristiansson kristoffersson kumar larsen larsson lindahl lindberg lindblad
    lindblom linder lindgren lindholm lindkvist lindqvist lindroth lindström ljungberg ljunggren ljungqvist lopez
    lundberg lundgren lundholm lundin lundkvist lundmark lundqvist lundström löfgren löfqvist magnusson malmberg
    malmgren malmqvist malmström marklund markovic martinez martinsson mattsson melin mikaelsson moberg mohamed
    mohammadi mohammed mohamud molin morales morin månsson mårtensson möller nguyen nielsen nikolic nilsson
    norberg nordgren nordin nordlund nordqvist nordström norström norén nowak nyberg nygren nyholm nylander nylund
    nyman nyström olausson olofsson olsen olsson oskarsson osman ottosson palmgren palmqvist paulsson pedersen
    persson petersen petersson petrovic pettersson pham popovic rahimi ramirez rashid rodriguez rosenberg rosén
    rydberg rydén said salih sanchez sandberg sandell sandgren sandin sandström schmidt schultz selin shala shamsi
    sharma singh sjöberg sjögren sjölund sjöqvist sjöstrand sjöström skoglund smith stenberg stenström strandberg
    strömbeck strömberg strömqvist sundberg sundin sundqvist sundström svahn svantesson svedberg svensson swärd
    söderberg söderholm söderlund söderqvist söderström thorsell thorén tornberg torres turesson ullberg viklund
    vikström virtanen wahlberg wahlström wallin wallén warsame wennberg westberg wester westerberg westerlund
    westman wiberg wiklund wikström wilhelmsson yildirim yilmaz yusuf zetterberg zetterlund åberg ågren åkerlund
    åkerman åkesson åslund åström öberg öhman öhrn östberg österberg östlund östman
"""

# Words or places as well: they count only beside a given name or a title.
_FAMILY_THAT_ARE_WORDS = """
    ali ask berg björk björn blom borg bäck dahl ek falk fors gran holm hård kall kaya khan kvist lind ljung lund
    malm modig norman palm rask ros roth sand skog stark strand ström svärd tran winter wright zetter ålund örn
"""

GIVEN = frozenset(_GIVEN.split())
GIVEN_WITH_CAPITAL = frozenset(_GIVEN_WITH_CAPITAL.split())
GIVEN_THAT_ARE_WORDS = frozenset(_GIVEN_THAT_ARE_WORDS.split())
FAMILY = frozenset(_FAMILY.split())
FAMILY_THAT_ARE_WORDS = frozenset(_FAMILY_THAT_ARE_WORDS.split())
