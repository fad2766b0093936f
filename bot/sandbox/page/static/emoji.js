// The emoji that people and apps use most, by their short names. https://github.com/iamcal/emoji-data has all of them.

const TABLE = `
+1 👍 thumbsup 👍 -1 👎 thumbsdown 👎 ok_hand 👌 wave 👋 clap 👏 raised_hands 🙌 pray 🙏 muscle 💪 point_up ☝️
point_up_2 👆 point_down 👇 point_left 👈 point_right 👉 raised_hand ✋ hand ✋ v ✌️ crossed_fingers 🤞 fist ✊
facepunch 👊 punch 👊 handshake 🤝 writing_hand ✍️ eyes 👀 eye 👁️ ear 👂 brain 🧠 heart ❤️ orange_heart 🧡
yellow_heart 💛 green_heart 💚 blue_heart 💙 purple_heart 💜 black_heart 🖤 white_heart 🤍 broken_heart 💔
sparkling_heart 💖 100 💯 boom 💥 dizzy 💫 sweat_drops 💦 zzz 💤 speech_balloon 💬 thought_balloon 💭
smile 😄 smiley 😃 grinning 😀 grin 😁 laughing 😆 satisfied 😆 sweat_smile 😅 joy 😂 rolling_on_the_floor_laughing 🤣
rofl 🤣 slightly_smiling_face 🙂 simple_smile 🙂 upside_down_face 🙃 wink 😉 blush 😊 innocent 😇 heart_eyes 😍
star-struck 🤩 kissing_heart 😘 yum 😋 stuck_out_tongue 😛 stuck_out_tongue_winking_eye 😜 zany_face 🤪 hugging_face 🤗
face_with_hand_over_mouth 🤭 shushing_face 🤫 thinking_face 🤔 thinking 🤔 zipper_mouth_face 🤐
face_with_raised_eyebrow 🤨 neutral_face 😐 expressionless 😑 no_mouth 😶 smirk 😏 unamused 😒
face_with_rolling_eyes 🙄 grimacing 😬 relieved 😌 pensive 😔 sleepy 😪 sleeping 😴 mask 😷 nauseated_face 🤢
sneezing_face 🤧 exploding_head 🤯 face_with_cowboy_hat 🤠 partying_face 🥳 sunglasses 😎 nerd_face 🤓 confused 😕
worried 😟 slightly_frowning_face 🙁 white_frowning_face ☹️ open_mouth 😮 hushed 😯 astonished 😲 flushed 😳
pleading_face 🥺 fearful 😨 cold_sweat 😰 disappointed_relieved 😥 cry 😢 sob 😭 scream 😱 disappointed 😞 sweat 😓
weary 😩 tired_face 😫 yawning_face 🥱 triumph 😤 rage 😡 angry 😠 skull 💀 skull_and_crossbones ☠️ poop 💩
hankey 💩 clown_face 🤡 ghost 👻 alien 👽 robot_face 🤖 robot 🤖 see_no_evil 🙈 hear_no_evil 🙉 speak_no_evil 🙊
bow 🙇 shrug 🤷 face_palm 🤦 man-shrugging 🤷‍♂️ woman-shrugging 🤷‍♀️ man-facepalming 🤦‍♂️ woman-facepalming 🤦‍♀️
technologist 🧑‍💻 male-technologist 👨‍💻 female-technologist 👩‍💻 cop 👮 detective 🕵️ construction_worker 👷
bust_in_silhouette 👤 busts_in_silhouette 👥 baby 👶 dancer 💃 walking 🚶 runner 🏃 running 🏃
dog 🐶 cat 🐱 mouse 🐭 rabbit 🐰 fox_face 🦊 bear 🐻 panda_face 🐼 tiger 🐯 lion_face 🦁 cow 🐮 pig 🐷 frog 🐸
monkey 🐒 chicken 🐔 penguin 🐧 bird 🐦 owl 🦉 bee 🐝 bug 🐛 butterfly 🦋 snail 🐌 turtle 🐢 snake 🐍 octopus 🐙
crab 🦀 shrimp 🦐 fish 🐟 dolphin 🐬 whale 🐳 shark 🦈 elephant 🐘 unicorn_face 🦄 dragon 🐉 cactus 🌵 palm_tree 🌴
evergreen_tree 🌲 deciduous_tree 🌳 seedling 🌱 herb 🌿 four_leaf_clover 🍀 leaves 🍃 fallen_leaf 🍂 mushroom 🍄
rose 🌹 sunflower 🌻 tulip 🌷 blossom 🌼 earth_africa 🌍 earth_americas 🌎 earth_asia 🌏 globe_with_meridians 🌐
new_moon 🌑 full_moon 🌕 crescent_moon 🌙 sunny ☀️ partly_sunny ⛅ cloud ☁️ rain_cloud 🌧️ thunder_cloud_and_rain ⛈️
snowflake ❄️ snowman ⛄ wind_blowing_face 🌬️ tornado 🌪️ rainbow 🌈 umbrella ☂️ zap ⚡ fire 🔥 droplet 💧 ocean 🌊
star ⭐ star2 🌟 sparkles ✨ comet ☄️
apple 🍎 banana 🍌 lemon 🍋 grapes 🍇 strawberry 🍓 avocado 🥑 bread 🍞 cheese_wedge 🧀 hamburger 🍔 fries 🍟 pizza 🍕
taco 🌮 popcorn 🍿 cookie 🍪 doughnut 🍩 cake 🍰 birthday 🎂 ice_cream 🍨 chocolate_bar 🍫 coffee ☕ tea 🍵 beer 🍺
beers 🍻 wine_glass 🍷 champagne 🍾 tropical_drink 🍹 fork_and_knife 🍴
tada 🎉 confetti_ball 🎊 balloon 🎈 gift 🎁 trophy 🏆 medal 🏅 first_place_medal 🥇 second_place_medal 🥈
third_place_medal 🥉 soccer ⚽ basketball 🏀 dart 🎯 game_die 🎲 video_game 🎮 jigsaw 🧩 art 🎨 musical_note 🎵
notes 🎶 microphone 🎤 headphones 🎧 guitar 🎸 drum_with_drumsticks 🥁 movie_camera 🎥 clapper 🎬 ticket 🎫
car 🚗 taxi 🚕 bus 🚌 ambulance 🚑 fire_engine 🚒 truck 🚚 bike 🚲 train 🚆 rocket 🚀 airplane ✈️ helicopter 🚁
sailboat ⛵ ship 🚢 anchor ⚓ construction 🚧 vertical_traffic_light 🚦 rotating_light 🚨 fuelpump ⛽ house 🏠
house_with_garden 🏡 office 🏢 hospital 🏥 bank 🏦 factory 🏭 tent ⛺ mountain ⛰️ statue_of_liberty 🗽 map 🗺️
world_map 🗺️ compass 🧭 round_pushpin 📍 triangular_flag_on_post 🚩 checkered_flag 🏁 white_flag 🏳️
watch ⌚ iphone 📱 computer 💻 keyboard ⌨️ desktop_computer 🖥️ printer 🖨️ floppy_disk 💾 cd 💿 dvd 📀 camera 📷
camera_with_flash 📸 video_camera 📹 tv 📺 radio 📻 telephone ☎️ phone ☎️ battery 🔋 electric_plug 🔌 bulb 💡
flashlight 🔦 candle 🕯️ wastebasket 🗑️ moneybag 💰 dollar 💵 euro 💶 credit_card 💳 gem 💎 scales ⚖️ wrench 🔧
hammer 🔨 hammer_and_wrench 🛠️ pick ⛏️ nut_and_bolt 🔩 gear ⚙️ chains ⛓️ magnet 🧲 gun 🔫 bomb 💣 knife 🔪 shield 🛡️
broom 🧹 soap 🧼 toolbox 🧰 test_tube 🧪 microscope 🔬 telescope 🔭 satellite_antenna 📡 satellite 🛰️ pill 💊 syringe 💉
door 🚪 bed 🛏️ key 🔑 old_key 🗝️ lock 🔒 unlock 🔓 closed_lock_with_key 🔐 lock_with_ink_pen 🔏 bell 🔔 no_bell 🔕
loudspeaker 📢 mega 📣 email 📧 e-mail 📧 envelope ✉️ envelope_with_arrow 📩 incoming_envelope 📨 inbox_tray 📥
outbox_tray 📤 package 📦 mailbox 📫 postbox 📮 pencil2 ✏️ pencil 📝 memo 📝 black_nib ✒️ pen 🖊️ paintbrush 🖌️
briefcase 💼 file_folder 📁 open_file_folder 📂 card_index_dividers 🗂️ date 📅 calendar 📆 spiral_calendar_pad 🗓️
card_index 📇 chart_with_upwards_trend 📈 chart_with_downwards_trend 📉 bar_chart 📊 clipboard 📋 pushpin 📌
paperclip 📎 linked_paperclips 🖇️ straight_ruler 📏 triangular_ruler 📐 scissors ✂️ card_file_box 🗃️ file_cabinet 🗄️
book 📖 open_book 📖 books 📚 notebook 📓 ledger 📒 bookmark 🔖 bookmark_tabs 📑 label 🏷️ newspaper 📰 scroll 📜
page_facing_up 📄 page_with_curl 📃 link 🔗 mag 🔍 mag_right 🔎 hourglass ⌛ hourglass_flowing_sand ⏳ alarm_clock ⏰
stopwatch ⏱️ timer_clock ⏲️ clock1 🕐 clock3 🕒 clock6 🕕 clock9 🕘 clock12 🕛
white_check_mark ✅ heavy_check_mark ✔️ ballot_box_with_check ☑️ x ❌ negative_squared_cross_mark ❎
heavy_multiplication_x ✖️ heavy_plus_sign ➕ heavy_minus_sign ➖ heavy_division_sign ➗ warning ⚠️ no_entry ⛔
no_entry_sign 🚫 octagonal_sign 🛑 stop_sign 🛑 exclamation ❗ heavy_exclamation_mark ❗ grey_exclamation ❕ question ❓
grey_question ❔ bangbang ‼️ interrobang ⁉️ information_source ℹ️ sos 🆘 new 🆕 ok 🆗 up 🆙 cool 🆒 free 🆓
recycle ♻️ arrow_up ⬆️ arrow_down ⬇️ arrow_left ⬅️ arrow_right ➡️ arrow_upper_right ↗️ arrow_lower_right ↘️
arrows_counterclockwise 🔄 arrows_clockwise 🔃 leftwards_arrow_with_hook ↩️ arrow_right_hook ↪️ repeat 🔁
arrow_forward ▶️ double_vertical_bar ⏸️ black_square_for_stop ⏹️ record_button ⏺️ fast_forward ⏩ rewind ⏪
black_right_pointing_double_triangle_with_vertical_bar ⏭️ heavy_dollar_sign 💲 copyright ©️ registered ®️ tm ™️
red_circle 🔴 large_orange_circle 🟠 large_yellow_circle 🟡 large_green_circle 🟢 large_blue_circle 🔵
large_purple_circle 🟣 white_circle ⚪ black_circle ⚫ large_red_square 🟥 large_green_square 🟩 large_yellow_square 🟨
large_blue_square 🟦 white_large_square ⬜ black_large_square ⬛ small_red_triangle 🔺 small_red_triangle_down 🔻
small_blue_diamond 🔹 small_orange_diamond 🔸 large_blue_diamond 🔷 large_orange_diamond 🔶 radio_button 🔘
one 1️⃣ two 2️⃣ three 3️⃣ four 4️⃣ five 5️⃣ six 6️⃣ seven 7️⃣ eight 8️⃣ nine 9️⃣ zero 0️⃣ keycap_ten 🔟 hash #️⃣
infinity ♾️ eject ⏏️ crown 👑 tophat 🎩 eyeglasses 👓 shirt 👕 necktie 👔 jeans 👖 dress 👗 boot 👢 mortar_board 🎓
`;

const SKIN_TONES = { 2: "🏻", 3: "🏼", 4: "🏽", 5: "🏾", 6: "🏿" };
const TONED = /^\p{Emoji_Modifier_Base}/u;

let table = null;

function known() {
  if (!table) {
    const words = TABLE.trim().split(/\s+/);
    table = new Map();
    for (let place = 0; place < words.length; place += 2) table.set(words[place], words[place + 1]);
  }
  return table;
}

/** The emoji of this short name, in a skin tone from 2 to 6 if one is given; undefined if it is not in the table. */
export function emojiNamed(name, skinTone) {
  const found = known().get(name.toLowerCase());
  const tone = SKIN_TONES[skinTone];
  if (!found || !tone || !TONED.test(found)) return found;
  const [first, ...rest] = found;
  return [first, tone, ...rest.filter((character) => character !== "\ufe0f")].join("");
}
