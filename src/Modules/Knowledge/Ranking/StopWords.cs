namespace Tenet.Knowledge.Ranking;

/// <summary>Function words that say nothing of what a text is about. Neither indexed nor asked for.</summary>
internal static class StopWords
{
    public const string English =
        "a about above after again all am an and any are aren't as at be because been before being below between both but by can can't cannot "
        + "could couldn't did didn't do does doesn't doing don't down during each few for from further had hadn't has hasn't have haven't having "
        + "he her here hers herself him himself his how i if in into is isn't it its itself just let me might more most must my myself no nor not "
        + "of off on once only or other our ours ourselves out over own please same shall she should shouldn't so some such than thanks that "
        + "the their theirs them themselves then there these they this those through to too under until up us very was wasn't we were weren't what "
        + "when where which while who whom why will with won't would wouldn't you your yours yourself hello hi hey i'm i'd i've i'll it's that's "
        + "there's what's where's who's how's you're we're they're also may need needs want wants longer something anything thing things way instead";

    public const string German =
        "aber alle allem allen aller alles als also am an ander andere anderem anderen anderer anderes auch auf aus bei bin bis bist bitte da damit "
        + "dann das dass daß dazu dein deine deinem deinen deiner dem den denn der des dessen dich die dies diese diesem diesen dieser dieses dir "
        + "doch dort du durch ein eine einem einen einer eines einige einmal er es etwas euch euer eure für gegen gibt habe haben hallo hat hatte "
        + "hatten hier hin ich ihm ihn ihnen ihr ihre ihrem ihren ihrer ihres im in ins ist ja jede jedem jeden jeder jedes jetzt kann kannst kein "
        + "keine keinem keinen keiner können könnte man mein meine meinem meinen meiner mich mir mit muss musste müssen nach nein nicht nichts noch "
        + "nun nur ob oder ohne sehr sein seine seinem seinen seiner selbst sich sie sind so soll sollte sondern sonst um und uns unser unsere "
        + "unter viel vom von vor wann war waren warum was weg weil welche welchem welchen welcher welches wem wen wenn wer werde werden wie wieder "
        + "will wir wird wirst wo wollen würde würden zu zum zur zwar zwischen über danke";

    public const string French =
        "à ai ainsi alors après as au aucun aussi autre aux avant avec avoir avez bonjour c ça car ce ceci cela celle celles celui ces cet cette "
        + "ceux chaque chez ci comme comment d dans de des donc dont du elle elles en encore entre est et était étaient été êtes être eu eux fait "
        + "faire fait faut furent il ils j je l la là le les leur leurs lui m ma mais me même merci mes moi mon n ne ni nos notre nous on ont ou où "
        + "par pas peut peuvent peux plus pour pourquoi puis qu quand que quel quelle quelles quels qui quoi s sa sans se sera ses si son sont sous "
        + "suis sur t ta te tes toi ton tous tout toute toutes très tu un une vers vos votre vous y est-ce puis-je";

    public const string Spanish =
        "a al algo algunas algunos ante antes aquí así aún aunque cada como cómo con contra cual cuál cuales cuando cuándo cuánto de del desde donde "
        + "dónde dos durante e el él ella ellas ellos en entre era eran eres es esa esas ese eso esos esta está están estas este esto estos estoy "
        + "favor fue fueron gracias ha había hace hacer han has hasta hay he hola la las le les lo los más me mi mis mí mucho muy nada ni no nos "
        + "nosotros nuestra nuestro o os otra otro otros para pero poco por porque por qué puede pueden puedo pues que qué quien quién se sea ser "
        + "sí si sin sobre son soy su sus tal también te tengo tiene tienen todo todos tu tú tus un una unas uno unos usted ustedes y ya yo";

    public const string Vietnamese =
        "và của là có được các những một cho trong với không này đó khi thì mà như từ đến ở tại ra vào lên xuống tôi bạn chúng ta mình em anh chị "
        + "ạ nhé à ơi xin vui lòng làm sao thế nào gì đâu bao nhiêu ai hay hoặc nếu vì bởi do để về theo trên dưới cũng đã đang sẽ rất quá chào";
}
