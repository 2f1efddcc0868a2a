"""Lines in Khmer, written for these tests, each with how it is sung, one group of letters a syllable.

The counts were made by hand, by the rule of the script: a cluster at the beginning of a word starts one syllable,
however many letters it has. The hard cases:

- letters silenced by ៍ (សប្ដាហ៍ sap-da); a letter under ់ that closes (ចាប់ chap);
- letters without a vowel that close (ករ kar) or keep the vowel they were born with (របស់ ro-bas);
- a letter above another at the end of a word (មនុស្ស mo-nus), inside a borrowed one (កម្មករ kam-ma-kar), at the beginning
  (ខ្ញុំ khnhom); the robat (ធម៌ thor);
- i and u that are written and not said (ជាតិ cheat, ហេតុ het); linking vowels that are said and not written (សុខភាព
  sok-kha-pheap);
- the repetition sign (វែងៗ veng veng); numerals; independent vowels (ឪពុក ov-puk).
"""

LINES = """
ខ្ញុំជាកម្មកររោងចក្រ | khnhom chea kam ma kar rong chak
ខ្ញុំធ្វើការពីព្រលឹម | khnhom thveu kar pi pro lim
ដល់ព្រលប់ទើបបានសម្រាក | dal pro lop teup ban sam rak
ប្រាក់ខែតិចមិនគ្រាន់រស់ | prak khae tech min kroan ruos
គ្រួសារខ្ញុំជំពាក់បំណុល | kruo sar khnhom chum poak bam nol
ដីស្រែរបស់យើងបាត់អស់ហើយ | dei srae ro bas yeung bat as haeuy
គេមកឈូសឆាយយកដីយើង | ke mok chhus chhay yok dei yeung
ម្ដាយខ្ញុំឈឺគ្មានលុយ | mdai khnhom chheu kmean luy
ទៅមន្ទីរពេទ្យត្រូវខ្ចីលុយគេ | tov mon ti pet trov khchei luy ke
ការប្រាក់កើនឡើងរាល់ថ្ងៃ | kar prak kaeun laeung roal thngai
បងប្អូនអើយកុំភ័យ | bang paon aeuy kom phey
យើងរួបរួមគ្នាតស៊ូ | yeung ruop ruom knea ta su
មនុស្សដូចគ្នាមានសិទ្ធិស្មើគ្នា | mo nus doch knea mean set smae knea
ស្ត្រីទាំងអស់ត្រូវការយុត្តិធម៌ | strei teang as trov kar yut te thor
ឪពុកខ្ញុំលក់គោលក់ក្របី | ov puk khnhom luok ko luok kro bei
ម៉ោងវែងៗ ដៃឈឺជើងឈឺ | maong veng veng dai chheu cheung chheu
យប់នេះខ្ញុំគេងមិនលក់ | yop nih khnhom keng min luok
ទឹកភ្នែកស្រក់លើសារី | teuk phnek srak leu sa rei
កូនតូចនៅស្រុកជាមួយជីដូន | kon toch nov srok chea muoy chi don
ខ្ញុំផ្ញើលុយទៅផ្ទះ | khnhom phnhaeu luy tov phteah
ប៉ូលិសចាប់ខ្ញុំដាក់គុក | po lis chap khnhom dak kuk
គេយកលុយខ្ញុំអស់ | ke yok luy khnhom as
ច្បាប់នេះធ្វើឱ្យយើងរត់ | chbap nih thveu aoy yeung rut
ការងារខ្ញុំក៏ជាការងារ | kar ngea khnhom ka chea kar ngea
កុំមើលងាយស្ត្រីដូចខ្ញុំ | kom meul ngeay strei doch khnhom
យើងចង់បានប្រាក់ខែសមរម្យ | yeung chang ban prak khae sam rom
សហជីពនាំយើងទៅមុខ | sa ha chip noam yeung tov muk
ថៅកែបិទរោងចក្ររត់បាត់ | thau kae bet rong chak rut bat
កម្មការិនីសន្លប់ច្រើននាក់ | kam ma ka ri ni san lop chraeun neak
ក្ដៅពេកគ្មានខ្យល់ដកដង្ហើម | kdau pek kmean khyal dak dang haeum
ផ្ទះយើងត្រូវគេរុះរើ | phteah yeung trov ke ruh reu
គ្មានដីគ្មានផ្ទះទៅណា | kmean dei kmean phteah tov na
អ្នកភូមិតវ៉ានៅមុខសាលា | neak phum ta va nov muk sa la
ភូមិយើងនៅក្បែរព្រៃ | phum yeung nov kbae prey
ព្រៃឈើបាត់ទឹកក៏រីង | prey chheu bat teuk ka ring
ដំឡូងមីតម្លៃថោក | dam long mi dam lai thaok
លក់ស្រូវមិនគ្រាន់សងគេ | luok srov min kroan sang ke
ធនាគារមករឹបអូសដី | tho nea kea mok reup os dei
សុខភាពខ្ញុំចុះខ្សោយ | sok kha pheap khnhom choh khsaoy
ជីវិតយើងលំបាកណាស់ | chi vit yeung lum bak nas
ជាតិយើងមានវប្បធម៌ | cheat yeung mean vop pa thor
ហេតុអ្វីយើងក្រ | het avei yeung kra
សប្ដាហ៍នេះធ្វើការប្រាំពីរថ្ងៃ | sap da nih thveu kar pram pi thngai
អាទិត្យមុនខ្ញុំឈប់សម្រាក | a tit mun khnhom chhop sam rak
បទចម្រៀងនេះសម្រាប់អ្នក | bat cham rieng nih sam rap neak
ច្រៀងឱ្យឮដល់ទីក្រុង | chrieng aoy leu dal ti krong
សំឡេងយើងមិនស្ងាត់ទៀតទេ | sam leng yeung min sngat tiet te
ក្រោកឡើងបងប្អូននារី | kraok laeung bang paon nea ri
កុំឱ្យគេជាន់ឈ្លី | kom aoy ke choan chhli
ដៃកាន់ដៃដើរទៅមុខ | dai kan dai daeu tov muk
ខ្ញុំអាយុដប់ប្រាំឆ្នាំ | khnhom a yu dop pram chhnam
ឆ្នាំ២០១៣ខ្ញុំមកភ្នំពេញ | chhnam pi poan dop bei khnhom mok phnum penh
បានលុយ៦០ដុល្លារ | ban luy hok sep dol lar
ជំពាក់គេ៥០០ដុល្លារ | chum poak ke pram roy dol lar
មានកូន៣នាក់ | mean kon bei neak
បន្ទប់ជួលតូចចង្អៀត | ban top chuol toch chang iet
នៅជាមួយគ្នា៨នាក់ | nov chea muoy knea pram bei neak
បាយមួយចានត្រីមួយកន្ទុយ | bay muoy chan trei muoy kan tuy
ព្រឹកព្រលឹមឮសំឡេងមាន់ | prik pro lim leu sam leng moan
ភ្លៀងធ្លាក់មកស្រែលិច | phlieng thleak mok srae lich
ទន្លេមេគង្គហូរមិនឈប់ | ton le me kong ho min chhop
កូនអើយរៀនឱ្យចេះ | kon aeuy rien aoy cheh
កុំធ្វើដូចម្ដាយឪពុក | kom thveu doch mdai ov puk
បេះដូងខ្ញុំឈឺចាប់ | beh dong khnhom chheu chap
ស្រឡាញ់ស្រុកកំណើត | sra lanh srok kam naeut
នឹកផ្ទះនឹកវាលស្រែ | neuk phteah neuk veal srae
ក្ដីសង្ឃឹមនៅមានជានិច្ច | kdei sang khim nov mean chea nich
យើងជាមនុស្សមានសេចក្ដីថ្លៃថ្នូរ | yeung chea mo nus mean sech kdei thlai thno
រដ្ឋាភិបាលត្រូវស្ដាប់យើង | rot tha phi bal trov sdap yeung
ប្រជាជនស្រែកទាមទារ | pro chea chon sraek team tea
ដំណោះស្រាយនៅឯណា | dam naoh sray nov ae na
សំណងតិចតួចពេក | sam nang tech tuoch pek
គេសន្យាហើយគេភ្លេច | ke san ya haeuy ke phlech
អ្នកមានកាន់តែមាន | neak mean kan tae mean
អ្នកក្រកាន់តែក្រ | neak kra kan tae kra
បុរសវាយប្រពន្ធ | bo ras veay pro pon
អំពើហិង្សាក្នុងគ្រួសារ | am peu hing sa knong kruo sar
នាងហត់នាងនៅតែញញឹម | neang hot neang nov tae nho nhim
ខ្លាចគេដឹងឈ្មោះខ្ញុំ | khlach ke deung chhmuoh khnhom
កុំបង្ហាញមុខខ្ញុំ | kom bang hanh muk khnhom
រឿងនេះជារឿងពិត | reuong nih chea reuong pit
ចងចាំទុកក្នុងចិត្ត | chang cham tuk knong chet
ប្រវត្តិយើងមិនបាត់ | pro vat yeung min bat
កសិករគ្មានដីធ្លី | ka se kar kmean dei thli
ជីតម្លៃថ្លៃ ស្រូវតម្លៃថោក | chi dam lai thlai srov dam lai thaok
សម្បទានយកព្រៃអស់ | sam pa tean yok prey as
ឡានឈូសមកទាំងយប់ | lan chhus mok teang yop
បងៗ ប្អូនៗ រួមគ្នា | bang bang paon paon ruom knea
តិចៗ ហើយយូរៗ | tech tech haeuy yu yu
ផ្លូវលំខ្ញុំដើរម្នាក់ឯង | phlov lum khnhom daeu mneak aeng
ពន្លឺព្រះចន្ទរះឡើង | pon leu preah chan reah laeung
ផ្កាយភ្លឺលើមេឃខ្មៅ | phkay phleu leu mek khmau
ខ្យល់បក់ត្រជាក់ល្ហើយ | khyal bak tro cheak lhaeuy
ទូរស័ព្ទទៅម្ដាយ | tu ra sap tov mdai
ថ្នាំថ្លៃពេកទិញមិនបាន | thnam thlai pek tinh min ban
គ្រូពេទ្យសុំលុយមុន | kru pet som luy mun
ជំងឺនេះព្យាបាលបាន | chum ngeu nih pya bal ban
អង្គការជួយយើងរៀន | ang ka chuoy yeung rien
ចូលរួមប្រជុំជាមួយគ្នា | chol ruom pro chum chea muoy knea
ថ្ងៃស្អែកនឹងល្អជាងនេះ | thngai saek neung la cheang nih
ព្រឹកឡើងខ្ញុំដើរទៅរោងចក្រ | prik laeung khnhom daeu tov rong chak
ដេរខោដេរអាវពេញមួយថ្ងៃ | der khao der av penh muoy thngai
មេការស្រែកជេរយើង | me kar sraek che yeung
គេថាយើងធ្វើយឺត | ke tha yeung thveu yeut
កៅអីគ្មានខ្នងបង្អែក | kau ei kmean khnang bang aek
កង្ហារខូចមិនជួសជុល | kang ha khoch min chuos chul
ឈ្មួញកណ្ដាលទិញថោក | chhmuonh kan dal tinh thaok
ទឹកជំនន់លិចផ្ទះ | teuk chum nun lich phteah
ដំណាំខូចខាតទាំងអស់ | dam nam khoch khat teang as
កូនឈប់រៀនទៅរកស៊ី | kon chhop rien tov ruok si
ឆ្លងដែនទៅថៃគ្មានឯកសារ | chhlang daen tov thai kmean aek ka sar
អាជ្ញាធរមិនស្ដាប់ | ach nha thor min sdap
ក្រុមហ៊ុនហ៊ុមព័ទ្ធភូមិ | krom hun hum poat phum
ប្រធានសហភាពត្រូវចាប់ខ្លួន | pro thean sa ha pheap trov chap khluon
មេធាវីជួយការពារ | me thea vi chuoy kar pea
សមាជិកបណ្ដាញស្ត្រី | sa mea chik ban danh strei
អ្នកយកព័ត៌មានមកសួរ | neak yok poar mean mok suor
បទពិសោធន៍របស់ម៉ែ | bat pi saot ro bas mae
មេរោគអេដស៍មិនមែនជាបាប | me rok ed min men chea bap
ឱកាសមានតែម្ដង | ao kas mean tae mdang
ប្រទេសកម្ពុជា | pro tes kam pu chea
អនុស្សាវរីយ៍នៅក្នុងចិត្ត | a nus sa va ri nov knong chet
សន្តិសុខសង្គម | san te sok sang kum
កិច្ចសន្យារយៈពេលខ្លី | kech san ya ro yeak pel khlei
ប្រាក់ឈ្នួលអប្បបរមា | prak chhnuol ap pa ba ro mea
ពលករចំណាកស្រុក | pol la kar cham nak srok
បរិស្ថានការងារ | ba ri than kar ngea
លិខិតឆ្លងដែន | li khet chhlang daen
សម្រាលកូននៅផ្លូវ | sam ral kon nov phlov
"""


def hand_counted() -> list[tuple[str, list[str]]]:
    """Each line with its syllables."""
    rows = (row.split(" | ") for row in LINES.strip().splitlines())
    return [(line, said.split()) for line, said in rows]
