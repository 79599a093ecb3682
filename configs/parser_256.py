from mgpe_tf.config import Config
def get_config():
    c = Config(name="parser_256", task="parser")
    return c
