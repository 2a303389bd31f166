// SPDX-License-Identifier: Apache-2.0
// The rules for new passwords, see password-policy.h, and the table of common ones.
// Called on the root side for every backend, so the daemon can't go around them.
#include "priv/password-policy.h"

#include <ctype.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/action.h"

#define AROUND_MAX 8u /* digits and marks around a word that don't make it better */
#define UNIT_MAX   4u

/* In lower case, each between blanks. A word counts with digits and marks around it, so
 * "password" stands for "Password1!" too; what has digits inside stands for itself. */
/* clang-format off */
static const char common[] =
	/* words for passwords, and what systems are delivered with */
	" password passwort passwd passwords pass passcode passphrase passme passw pwd"
	" mypassword mypass newpassword newpass oldpassword thepassword apassword secret"
	" topsecret secure security secured letmein letmeinnow letme openup opensesame"
	" sesame changeme changemenow changeit change changethis changepassword pleasechange"
	" default defaultpassword initial temp temporary temppass temppassword tmp welcome"
	" welcomeback willkommen bienvenue bienvenido login logon signin access accessdenied"
	" admin admins adm administrator administrador administration adminadmin adminpass"
	" adminpassword adminpw superadmin sysadmin netadmin webadmin root rootroot"
	" rootpass rootpassword rootme toor toortoor user users username userpass"
	" userpassword guest guestguest demo demodemo test tests tester testing testtest"
	" testpass testpassword testuser trial sample example operator oper manager monitor"
	" support service supervisor superuser super master masterkey owner maintenance"
	" technician installer install setup config public private community"
	" system server servers network router switch firewall computer laptop"
	" internet web website database data backup device console terminal bmc ipmi idrac"
	" calvin ilo redfish openbmc obmc ubuntu debian linux redhat fedora centos oracle"
	" mysql postgres postgresql mongo redis docker vagrant vmware jenkins tomcat apache"
	" nginx cisco juniper huawei ubnt ubiquiti mikrotik netgear linksys dlink zyxel"
	" tplink asus supermicro dell lenovo fujitsu siemens samsung toshiba firefly raspberry"
	" raspberrypi pi orangepi rockchip cluster clusterbmc node nodes rack chassis blade"
	" nothing none null empty blank unknown nobody anonymous whatever something anything"
	/* the keyboard */
	" qwerty qwertyu qwertyui qwertyuio qwertyuiop qwert qwer qwe qwertz qwertzu"
	" qwertzui qwertzuiop qwertyqwerty qwerqwer qweqwe qweasd qweasdzxc qwaszx qazwsx"
	" qazwsxedc qazxsw qaz qazqaz azerty azertyuiop asdf asdfg asdfgh asdfghj asdfghjk"
	" asdfghjkl asdasd asdfasdf asd asdzxc zxcv zxcvb zxcvbn zxcvbnm zxc zxczxc"
	" zxcasdqwe poiuy poiuyt poiuytrewq lkjhgfdsa mnbvcxz ytrewq dvorak"
	" 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e 1qaz2wsx 1qaz2wsx3edc 1qazxsw2 1qazxsw23edc"
	" zaq12wsx zaq1zaq1 zaq1xsw2 xsw2zaq1 2wsx3edc q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6"
	" qwe123qwe qwe123asd 123qweasd 123qweasdzxc asd123asd a1s2d3f4 a1s2d3f4g5 q2w3e4r5"
	" z1x2c3v4 a1b2c3d4 a1b2c3d4e5 aa112233 abc123abc abcd1234abcd 1a2b3c4d 1a2b3c4d5e"
	" !qaz2wsx !qaz@wsx 1qaz@wsx !@#$%^&* !@#$%^&*() zaq!2wsx qwer1234qwer"
	/* numbers */
	" 12345678 123456789 1234567890 0123456789 01234567 012345678 123456780 1234567891"
	" 12345678910 123456789012 0987654321 987654321 9876543210 87654321 88888888"
	" 11223344 1122334455 112233445566 12344321 1234554321 123454321 12341234"
	" 1234512345 123456123456 123123123 123321123 12301230 147258369 147852369 159357456"
	" 159753456 741852963 789456123 963852741 951753852 14725836 25802580"
	" 36925814 13579246 1357924680 2468101214 24681357 102030405 10203040 1020304050"
	" 11112222 11111112 22223333 11110000 00001111 12121212 21212121 10101010 69696969"
	" 77777770 66668888 13131313 20202020 20002000 19841984 19901990 20102010 20202021"
	" 31415926 314159265 3141592653 27182818 11235813 1123581321 16777216 65536655"
	/* names and feelings */
	" iloveyou iloveu ilove iloveme loveyou loveme love lover lovely mylove loveu"
	" iloveyousomuch ihateyou hateyou fuckyou fuckoff fuck"
	" sexy sex baby babygirl babyboy sweetheart sweetie sweet honey darling princess"
	" prince queen king kingkong angel angels beautiful gorgeous handsome pretty cutie"
	" family mother father mommy daddy mama papa sister brother friend friends bestfriend"
	" forever together happy happiness hello hellohello helloworld hellokitty hi goodbye"
	" peace freedom heaven hope faith trust dream dreams dreamer lucky luckyone blessed"
	" blessing jesus jesuschrist christ christian god godisgood bible angelina"
	" michael michelle jessica jennifer jordan ashley amanda andrew anthony daniel david"
	" danielle robert william thomas charles charlie matthew joshua jonathan joseph james"
	" justin nicole nicholas samantha stephanie elizabeth victoria alexander alexandra"
	" alexandre alexis alex andrea andreas patrick patricia martin martina christopher"
	" christine christina sebastian benjamin brandon brittany richard ronaldo ronaldinho"
	" rebecca rachel sarah sandra sabrina natalie natasha nathalie monica melissa marina"
	" maria mariana marie margaret maggie george gabriel fernando fernanda eduardo carlos"
	" caroline carolina isabella vanessa valentina veronica tiffany taylor sophie sophia"
	" peter paul oliver olivia nicolas lauren laura kimberly katherine kevin julia juliana"
	" jasmine hannah heather frank ferrari emily edward dennis chelsea barbara anna"
	" hunter killer ginger pepper buster harley ranger tigger bailey cooper maverick"
	/* sport, games, films, things */
	" football soccer baseball basketball softball hockey tennis volleyball golf golfer"
	" swimming boxing fishing liverpool arsenal manchester manutd barcelona realmadrid"
	" juventus chelseafc bayern benfica yankees cowboys lakers steelers redsox eagles"
	" packers broncos dolphins panthers raiders rangers bulldogs wildcats gators champion"
	" superman batman spiderman ironman wolverine avengers starwars startrek matrix"
	" darthvader skywalker yoda gandalf frodo hobbit merlin pokemon pikachu naruto"
	" digimon mario supermario zelda minecraft fortnite roblox warcraft starcraft counterstrike"
	" playstation nintendo xbox gamer gaming player playboy runescape halflife assassin"
	" dragon dragonball dragons monkey tiger tigers lion lions eagle falcon phoenix shadow"
	" wolf wolves bear bears panther jaguar leopard elephant dolphin shark butterfly"
	" kitten kitty puppy doggy horse horses unicorn chicken turtle rabbit bunny penguin"
	" flower flowers sunflower rose roses daisy violet jasmin orange banana apple apples"
	" cherry strawberry blueberry lemon peach mango pumpkin cookie cookies chocolate candy"
	" cupcake butter cheese pizza burger coffee whiskey vodka tequila corona budweiser"
	" heineken summer winter spring autumn fall sunshine sunny rainbow moonlight midnight"
	" starlight stars star snow snowman snowball thunder lightning storm hurricane fire"
	" water ocean beach river mountain forest earth planet galaxy universe cosmos nature"
	" monday tuesday wednesday thursday friday saturday sunday january february march"
	" april may june july august september october november december christmas newyear"
	" montag dienstag mittwoch donnerstag freitag samstag sonntag sommer winterzeit fruehling"
	" herbst schatz hallo hallohallo geheim kennwort fussball"
	" motdepasse soleil bonjour doudou chouchou jetaime loulou contrasena contrasenha"
	" clave senha amor teamo tequiero mivida futbol estrella hola wachtwoord welkom"
	" haslo kochanie parol privet heslo losenord salasana jelszo sifre"
	" america american england london paris berlin germany deutschland canada mexico"
	" brazil brasil spain espana france italy russia china chicago boston newyork texas"
	" dallas houston florida california miami phoenixaz seattle denver atlanta australia"
	" mustang corvette camaro porsche mercedes benz toyota honda yamaha kawasaki suzuki"
	" ducati harleydavidson nissan chevy chevrolet ford jeep hummer cadillac subaru audi"
	" volkswagen google facebook youtube twitter instagram linkedin amazon microsoft windows"
	" iphone ipad android nokia motorola blackberry yahoo hotmail gmail"
	" myspace paypal ebay netflix dropbox skype zoom slack github gitlab adobe photoshop"
	" metallica nirvana slipknot eminem beatles elvis music musica guitar drummer piano"
	" rockstar rockyou rock hiphop techno dance dancer disco ninja samurai pirate pirates"
	" warrior soldier army marine marines navy police hacker hacked hackme legend"
	" legendary hero power powerful money million millionaire business success winner"
	" winners genius einstein science student school college university teacher doctor"
	" engineer pilot trustno trustnoone blink solo swordfish abracadabra batcave"
	" bond jamesbond goldfish goldfinger diamond silver golden platinum crystal pearl"
	" black white blue green purple yellow red pink rainbows colors abc abcd abcde"
	" abcdef abcdefg abcdefgh abcabc aaa xxx xyz xyzxyz zzz foobar foo bar lorem ipsum "
	;
/* clang-format on */

static bool is_common(const char *text, size_t len)
{
	char word[BMC_SECRET_MAX + 2];

	if (len == 0 || len > BMC_SECRET_MAX - 1)
		return false;
	word[0] = ' ';
	memcpy(word + 1, text, len);
	word[len + 1] = ' ';
	word[len + 2] = '\0';
	bool found = strstr(common, word) != NULL;
	bmc_wipe(word, sizeof(word));
	return found;
}

/* Digits and marks in the place of letters. */
static char plain(char c)
{
	static const char written[] = "013457@$!|", meant[] = "oieastasil";
	const char *at = c ? strchr(written, c) : NULL;

	return at ? meant[at - written] : c;
}

/* The word without what is around it, when that is little. */
static const char *core(const char *text, size_t *len)
{
	size_t all = strlen(text), begin = 0, end = all;

	while (begin < all && !isalpha((unsigned char)text[begin]))
		begin++;
	while (end > begin && !isalpha((unsigned char)text[end - 1]))
		end--;
	if (end == begin || all - (end - begin) > AROUND_MAX) {
		begin = 0;
		end = all;
	}
	*len = end - begin;
	return text + begin;
}

static bool is_known(char *lower)
{
	size_t len, all = strlen(lower);
	const char *word = core(lower, &len);
	size_t begin = (size_t)(word - lower);

	if (is_common(lower, all) || is_common(word, len))
		return true;
	for (size_t i = 0; i < all; i++)
		lower[i] = plain(lower[i]);
	/* what stands before the word may be meant as a letter too */
	return is_common(lower, all) || is_common(lower + begin, len) ||
	       is_common(lower, begin + len);
}

/* The same without what separates words. */
static bool is_known_joined(const char *lower)
{
	char joined[BMC_SECRET_MAX];
	size_t n = 0;

	for (const char *c = lower; *c && n < sizeof(joined) - 1; c++) {
		if (!strchr(" .-_", *c))
			joined[n++] = *c;
	}
	joined[n] = '\0';
	bool known = is_known(joined);
	bmc_wipe(joined, sizeof(joined));
	return known;
}

/* The length of the group of characters that is repeated, or of the whole. */
static size_t unit(const char *text)
{
	size_t len = strlen(text), n = 1;

	while (n < len && memcmp(text, text + n, len - n) != 0)
		n++;
	return n;
}

static bool is_run(const char *text)
{
	int step = text[0] ? text[1] - text[0] : 0;

	if (step < -1 || step > 1)
		return false;
	for (size_t i = 0; text[i] && text[i + 1]; i++) {
		if (text[i + 1] - text[i] != step)
			return false;
	}
	return true;
}

static bool has_name(const char *lower, const char *user)
{
	if (strlen(user) < 3)
		return strcmp(lower, user) == 0;
	return strstr(lower, user) != NULL;
}

static int judge(char *lower, const char *user, struct bmc_error *err)
{
	size_t repeated = unit(lower);

	if (has_name(lower, user))
		return bmc_fail(err, BMC_EPASSWORD,
				"the password contains the user's name: choose another "
				"one");
	if (repeated <= UNIT_MAX || is_run(lower))
		return bmc_fail(err, BMC_EPASSWORD,
				"the password is a repetition or a sequence: choose "
				"another one, of unrelated words");
	if (is_common(lower, repeated) || is_known_joined(lower) || is_known(lower))
		return bmc_fail(err, BMC_EPASSWORD,
				"the password is one of the most common ones: choose "
				"another one, of unrelated words");
	return BMC_OK;
}

int priv_password_check(const char *user, const char *secret, struct bmc_error *err)
{
	char lower[BMC_SECRET_MAX], name[BMC_ID_MAX];

	(void)bmc_copy(lower, sizeof(lower), secret);
	(void)bmc_copy(name, sizeof(name), user);
	for (size_t i = 0; lower[i]; i++)
		lower[i] = (char)tolower((unsigned char)lower[i]);
	for (size_t i = 0; name[i]; i++)
		name[i] = (char)tolower((unsigned char)name[i]);
	int r = judge(lower, name, err);
	bmc_wipe(lower, sizeof(lower));
	return r;
}
