"""Names that are common in Sweden, for masking: a few hundred of each kind, in small letters.

Not complete and not meant to be: the rules of `masking` find most of the others. Names that are ordinary words, too, stand
apart and count only where they are written as names.
"""

GIVEN = frozenset(
    """
    abbas abdi abdirahman abdul abdullah abdulrahman adam adelina agneta agnes agnieszka ahmad ahmed aida ailin aino aisha
    albert albin aleksander aleksandra alen alexander alexandra alexia alfred alice alicia alina alma althea alvin amal
    amanda amelia amina amir amira amra anders andrea andreas andrzej anette angela angelica anita anja ann anna anne
    annelie annette annica annie annika anton antonia aram arash arman arvid asma astrid august aurora axel ayse azra
    barbara barbro beata bengt benjamin berit bertil birger birgit birgitta bodil boris britt britta camilla carina carl
    carlos caroline catharina catarina cecilia charlotta charlotte christer christian christina christoffer christopher
    claes conny cornelia dagmar daniel daniela danijela dariusz david denise dennis diana dick dragan ebba eddie edit edith
    edvin edward eleonor eleonora elena eli elias elif elin elina elisa elisabet elisabeth elise elizabeth elsa elsie elvira
    emelie emil emilia emily emma emmanuel enver erika erik eric ericka eskil eva evelina evert ewa fabian fadi fadumo farah
    farhad farid fatima fatma fatmata felicia felix ferdinand filip filippa folke frank fredrik frida fredrika frans
    gabriel gabriella georg george gerd gerda gert gisela gita goran greger greta gunilla gunnar gunnel gustaf gustav
    göran göte gösta habib hadi halima hamid hamza hanan hanna hannah hannes harald harry hasan hassan hedda hedvig helen
    helena helene helge henning henric henrik henry herbert hilda hilma hjalmar hodan holger hugo hussein håkan ibrahim
    ida idris ilona ilse imran ines inga ingalill ingegerd ingela ingemar ingmar ingrid ingvar irena irene irina isa isabel
    isabell isabella isabelle isak ismail ivan ivana ivar iwona jacob jakob jamal jamila jane janet jani janina janne
    jasmin jasmina jasmine jeanette jelena jennie jennifer jenny jens jerker jerzy jesper jessica jimmy joakim joel johan
    johanna johannes john johnny jonas jonathan jonna joseph josef josefin josefina josefine juan judit julia juliana julie
    jörgen kaj kalle karim karin karina karl karolina katarina kate katarzyna katja kemal kenneth kenny kent kerstin
    kevin khadija khadra khaled khalid kjell klas konrad kristian kristina kristofer kristoffer krister krzysztof kurt
    laila lamin lars lasse laura leif leila lena leo leon leonard liam lidia lilian lilly linn linnea linnéa linus lisa
    lisbet lisbeth liselott lotta louise lovisa lucas lucia ludvig luka lukas lydia madeleine magdalena magnus mahad
    mahmoud maja majken malin malte malgorzata mansour marcus margareta margaretha maria mariam mariana mariann marianne
    marica marie marika marina marita mark marko markus marta martin martina maryam mathias mathilda mathias mats matilda
    matteo mattias maud maurits maximilian mehmet mehdi melker melissa melvin meryem micael michael michaela michelle
    miguel mikael mikaela milad milan milena milica milo minna mira mirjam mirsad mohamad mohamed mohammad mohammed mohamud
    moa monica monika morgan mostafa muhammad mukhtar muna murat mustafa märta märit mårten nada nadia nadja naima nasrin
    natalia natalie nathalie nicole nicolas niklas niclas nikolina nils nina nikola noah noel noor nora nour oksana olena
    olga oliver olivia olle olof olov omar osama oscar oskar osman ossian otto ove paola patricia patricija patrik paul
    paula paulina peder pedro pelle pernilla peter petra petter philip pia pierre piotr pontus parisa rachel ragnar
    ragnhild raija rahma ramona rania rasmus rauno rebecca rebecka reijo reza richard rickard rikard ritva robert robin
    rodrigo roger roland rolf ronja ronny roza ruben rune rustam saad sabina sabrina said salim sally salma samir samira
    samuel sami sandra sanja sanna santiago sara sarah sebastian selma senada serhii shahin sharif shirin sigbritt signe
    sigrid sigvard simon simone siri sixten sofia sofie solveig sonja sophia sophie staffan stanislaw stefan stellan sture
    sune susan susanna susanne svante svea svetlana sylvia sören tamara tanja tarek tariq tatiana ted teodor teresa tereza
    therese thomas thor thorbjörn tilda tilde tim timo tobias tomas tomasz tommy tony torbjörn tord torsten tove tuva
    tyra tyrone ulf ulla ulrica ulrik ulrika urban ursula uwe valdemar valentina valter vanja vanessa vendela veronica
    veronika victor victoria vidar viggo viktor viktoria vilhelm vilgot vilma vincent viveca viveka vladimir volodymyr
    walter wilhelm wilma william xavier yasmin yasmine yasin ylva yngve yousef youssef yusuf yvonne zahra zainab zara
    zaynab zeinab zlatan zlatko zoran åke åsa örjan östen
    """.split()
)

# Given names that are words in small letters, or at the beginning of a sentence.
GIVEN_THAT_ARE_WORDS = frozenset(
    """
    ali alva ask bella bill bo bror björn carin clara dag disa dan del ella embla ester freja gun hampus hans hope ia
    inger iris jan joy karo kim klara kurt lea linda lina liv lo love lova lykke maj max may mina mona my nova ola otto pan
    per pål ros rosa rose rut ruth saga siv sol sten stella stig svan sven sverre tage tea tina tor tora tore vera vide
    viola vår allan elof erling esbjörn hamdi hedi iman imam leija lova mila molly mosa nell rita roy said salam sana sima
    stina tindra tova ulrik ronja ture
    """.split()
)

FAMILY = frozenset(
    """
    abdi abdullahi abrahamsson adolfsson ahlberg ahlström ahmadi ahmed ahmeti alfredsson ali almgren almqvist alvarez
    andersen andersson antonsson arvidsson asplund axelsson babic backlund backman begic bengtsson berggren bergkvist
    berglund bergman bergqvist bergstrand bergström bernhardsson bertilsson björk björklund björkman blom blomberg
    blomqvist blomkvist boman borg boström brandt bäckström bäckman carlsson carlström chavez christensen christiansson
    claesson dahl dahlberg dahlgren dahlin dahlström danielsson davidsson demir dimitrov edlund edström eklund ekström
    ekman eliasson engström eriksson ericsson erlandsson fagerström falk farah fernandez forsberg forslund forsman fransson
    fredriksson friberg garcia gonzalez granberg grahn granath gustafsson gustavsson göransson hadzic haddad haji
    hallberg hallgren hansen hansson hassan hedberg hedlund hedman hedström hellström hellberg hellgren henriksson hermansson
    hernandez hjalmarsson hodzic hoffman holgersson holm holmberg holmgren holmqvist holmström hosseini hussein hägglund
    håkansson högberg höglund ibrahim ibrahimovic ingvarsson isaksson islam ivarsson jakobsson jansson jensen johannesson
    johansson johnsson jonasson jonsson josefsson jovanovic jönsson jørgensen kaplan karimi karlsson karlström kaya khalil
    khan kjellberg kjellström knutsson kovacevic kovacs kowalska kowalski krantz kristensson kristiansson kristoffersson
    kumar larsen larsson lindahl lindberg lindblad lindblom linder lindgren lindholm lindkvist lindqvist lindroth lindström
    ljung ljungberg ljunggren ljungqvist lopez lundberg lundgren lundholm lundin lundkvist lundmark lundqvist lundström
    löfgren löfqvist magnusson malm malmberg malmgren malmqvist malmström marklund martinez martinsson markovic mattsson
    melin mikaelsson mohamed mohammadi mohammed mohamud molin moberg morales morin månsson mårtensson möller
    nguyen nielsen nikolic nilsson norberg nordgren nordin nordqvist nordlund nordström norén norman norström nowak nyberg
    nygren nyholm nylander nylund nyman nyström olausson olofsson olsen olsson osman oskarsson ottosson palm palmqvist
    palmgren paulsson pedersen persson petersson petersen petrovic pettersson pham popovic ramirez rahimi rashid
    rodriguez rosén rosenberg roth rydberg rydén said salih sandberg sandell sandgren sandin sandström sanchez schmidt
    schultz selin shamsi shala sharma singh sjöberg sjögren sjölund sjöqvist sjöstrand sjöström skoglund smith söderberg
    söderholm söderlund söderqvist söderström stark stenberg stenström strand strandberg strömberg strömqvist strömbeck
    sundberg sundin sundqvist sundström svahn svantesson svedberg svensson svärd swärd tran thorsell thorén tornberg
    torres turesson ullberg viklund vikström virtanen wahlberg wahlström wallén wallin warsame wennberg westberg wester
    westerberg westerlund westman wiberg wikström wiklund wilhelmsson winter wright yildirim yilmaz yusuf zetterberg
    zetterlund åberg ågren åkerlund åkerman åkesson åslund åström öberg öhman öhrn örn östberg österberg östlund östman
    """.split()
)

# Family names that are words as well, or stand for a place: they count only after a given name or a title.
FAMILY_THAT_ARE_WORDS = frozenset(
    """
    ali berg björk blom borg ek falk holm khan kaya lind ljung malm palm roth stark strand svärd winter wright örn dahl ask
    bäck fors gran hård kall kvist lund modig norman rask ros sand skog ström tran zetter ålund björn
    """.split()
)
